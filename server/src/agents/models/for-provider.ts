/**
 * A call as a certain provider wants it. Prompts are written for nobody in particular; what one provider's protocol demands (cache
 * breakpoints, signed reasoning in tool loops, nothing stored at the provider) is added here.
 */
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';
import type { ModelEntry } from './catalogue.ts';
import { withPictures } from './pictures.ts';

const LONG = { anthropic: { cacheControl: { type: 'ephemeral', ttl: '1h' } } };
const SHORT = { anthropic: { cacheControl: { type: 'ephemeral' } } };
const THINKING_TOKENS = 6000;

/** @param thinking whether models that can are asked to think before they answer */
export const prepareFor =
  (entry: ModelEntry, kind: 'anthropic' | 'openai' | 'together' | 'compatible' | 'builtin', thinking: boolean) =>
  (call: LanguageModelV4CallOptions): LanguageModelV4CallOptions => {
    const prompt = ownReasoningOnly(withPictures(call.prompt, entry, kind), entry.provider, kind);
    const prepared = { ...call, prompt, maxOutputTokens: call.maxOutputTokens ?? entry.maxOutputTokens };
    if (kind === 'anthropic') return forAnthropic(prepared, thinking);
    if (kind === 'openai')
      return {
        ...prepared,
        // a tool's optional fields are optional: strict mode would demand them
        ...(call.tools
          ? { tools: call.tools.map((tool) => (tool.type === 'function' ? { ...tool, strict: false } : tool)) }
          : {}),
        // nothing is kept at the provider; its reasoning comes back encrypted, and goes with the next step
        providerOptions: { openai: { store: false, ...(thinking ? { reasoningSummary: 'auto' } : {}) } },
      };
    return prepared;
  };

/** Instructions and tools stay the same for hours, the growing end of a tool loop for minutes: the longer time must come first. */
function forAnthropic(call: LanguageModelV4CallOptions, thinking: boolean): LanguageModelV4CallOptions {
  const prompt = call.prompt.map((message, i): LanguageModelV4Message => {
    const options = message.role === 'system' ? LONG : i === call.prompt.length - 1 ? SHORT : undefined;
    return options ? { ...message, providerOptions: merged(message.providerOptions, options) } : message;
  });
  const tools = call.tools?.map((tool, i, all) =>
    i === all.length - 1 && tool.type === 'function' ? { ...tool, providerOptions: LONG } : tool,
  );
  const thinks = thinking && (call.maxOutputTokens ?? 0) > THINKING_TOKENS * 2 && mayThink(call.prompt);
  return {
    ...call,
    prompt,
    ...(tools ? { tools } : {}),
    ...(thinks
      ? { providerOptions: { anthropic: { thinking: { type: 'enabled', budgetTokens: THINKING_TOKENS } } } }
      : {}),
  };
}

/** A tool loop that another model began, or that began without thinking, must end without: the protocol wants each of its steps to begin with a thought. */
function mayThink(prompt: LanguageModelV4Prompt): boolean {
  const asked = prompt.findLastIndex(({ role }) => role === 'user');
  const steps = prompt.slice(asked + 1).filter((message) => message.role === 'assistant');
  return steps.every(({ content }) => content[0]?.type === 'reasoning');
}

/**
 * Reasoning goes back only to the provider that it came from, whose signature it carries; those without signatures want none of it back.
 * The mark of the provider (`vibe.by`) stays with us.
 */
function ownReasoningOnly(prompt: LanguageModelV4Prompt, provider: string, kind: string): LanguageModelV4Prompt {
  const signed = kind === 'anthropic' || kind === 'openai';
  return prompt.map((message) => {
    if (message.role !== 'assistant') return message;
    const content = message.content.flatMap((part) => {
      const { vibe, ...options } = part.providerOptions ?? {};
      const own = vibe?.by === provider;
      if (part.type === 'reasoning' && !(signed && own)) return [];
      const { providerOptions: _, ...rest } = part;
      return [own && Object.keys(options).length > 0 ? { ...rest, providerOptions: options } : rest];
    });
    return { ...message, content: content as typeof message.content };
  });
}

const merged = (a: SharedV4ProviderOptions | undefined, b: SharedV4ProviderOptions): SharedV4ProviderOptions => ({
  ...a,
  ...b,
});
