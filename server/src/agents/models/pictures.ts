/**
 * Pictures as a certain model takes them. One that takes none reads in words that there was one; a protocol whose tool results are text
 * gets the pictures in a message after them; the built-in builder, which follows words alone, gets the person's own words and the text of attached files, marked.
 */
import type { LanguageModelV4FilePart, LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { fileIn, isAttached } from '../attached.ts';
import type { ModelEntry } from './catalogue.ts';

type Kind = 'anthropic' | 'openai' | 'together' | 'compatible' | 'builtin';
type Tool = Extract<LanguageModelV4Message, { role: 'tool' }>;
type User = Extract<LanguageModelV4Message, { role: 'user' }>;

/** Names under which models that take pictures are known where nothing else is. */
const SEES =
  /vision|[-_./:]vl\b|vl[-:]|\d-?vl|llava|pixtral|gemma-?[34]|gemini|gpt-4o|gpt-4\.1|gpt-5|claude|llama-?4|maverick|scout|minicpm-v|moondream|mistral-(?:small|medium)-3|kimi-vl|glm-[\d.]+v|internvl/i;

/** Whether a model takes pictures: known for those in the catalogue, else judged by its name. */
export function takesPictures(entry: Pick<ModelEntry, 'provider' | 'model' | 'pictures'>): boolean {
  if (entry.pictures !== undefined) return entry.pictures;
  if (entry.provider === 'anthropic' || entry.provider === 'openai') return true;
  return entry.provider !== 'builtin' && SEES.test(entry.model);
}

/** A prompt whose pictures, and marks of attached parts, are what the model and its protocol take. */
export function withPictures(prompt: LanguageModelV4Prompt, entry: ModelEntry, kind: Kind): LanguageModelV4Prompt {
  const sees = takesPictures(entry);
  const plainResults = kind === 'together' || kind === 'compatible';
  return prompt.flatMap((message): LanguageModelV4Message[] => {
    if (message.role === 'user') return [user(message, sees, kind)];
    if (message.role !== 'tool') return [message];
    const pictures: LanguageModelV4FilePart[] = [];
    const tool = { ...message, content: message.content.map((part) => result(part, sees && !plainResults, pictures)) };
    if (!sees || pictures.length === 0) return [tool];
    return [
      tool,
      {
        role: 'user',
        content: [{ type: 'text', text: '[The pictures that belong to the results above:]' }, ...pictures],
      },
    ];
  });
}

function user(message: User, sees: boolean, kind: Kind): User {
  // it knows files by their marks, and reads them as data
  if (kind === 'builtin')
    return {
      ...message,
      content: message.content.filter((part) => !isAttached(part) || (part.type === 'text' && fileIn(part))),
    };
  const content = message.content.map((part): User['content'][number] => {
    const { providerOptions, ...rest } = part;
    const { vibe: _, ...options } = providerOptions ?? {};
    const kept = Object.keys(options).length > 0 ? { ...rest, providerOptions: options } : rest;
    if (kept.type === 'file' && !sees)
      return { type: 'text', text: '[This model cannot see pictures: it is left out.]' };
    return kept;
  });
  // not every server takes a list where one text would do
  const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  if (texts.length > 1 && texts.length === content.length)
    return { ...message, content: [{ type: 'text', text: texts.join('\n\n') }] };
  return { ...message, content };
}

/** A tool's result that carries pictures has its JSON as first text. */
function result(
  part: Tool['content'][number],
  inPlace: boolean,
  pictures: LanguageModelV4FilePart[],
): Tool['content'][number] {
  if (part.type !== 'tool-result' || part.output.type !== 'content' || inPlace) return part;
  let value: unknown = null;
  for (const piece of part.output.value) {
    if (piece.type === 'text') value = JSON.parse(piece.text);
    else if (piece.type === 'file') pictures.push(piece);
  }
  return { ...part, output: { type: 'json', value: value as never } };
}
