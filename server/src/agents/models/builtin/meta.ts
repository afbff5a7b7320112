/** Answers what is no wish for a change: a greeting, `what can you do?`, `undo`, a question about what the app keeps. */
import type { Spec } from '../../../../../contract/spec.ts';
import { describeEntity } from './plan-text.ts';
import { escaped } from './say.ts';

const HELP = `I am the built-in builder. I am not a language model: I understand plain words about lists and fields, by rules, and need no key.

You can say, for example:

- “A reading list with title, author, rating 1 to 5 and whether I finished it”
- “Also track authors with name and country”
- “Add a notes field to books”, “remove the rating”, “rename author to writer”
- “Make author required”, “email must be unique”, “rating should go up to 10”
- “Status can be new, paid or shipped”, “the default of status is new”
- “Call the app My books”

Texts, long texts, numbers, whole numbers, dates, yes or no, choices and ratings are what a field can be. For looks, pages of your own and everything beyond that, give this chat a language model in its settings.`;

/** The answer, or nothing when the message asks for a change. */
export function answerTo(text: string, spec: Spec | null): string | undefined {
  const bare = text
    .toLowerCase()
    .replace(/[\s!.?,…]+$/g, '')
    .replace(/^(?:please|hey|hi|hello|ok|so)[,!.\s]+(?=\S)/, '')
    .trim();
  if (
    /^\W*(?:select\s.+\sfrom|insert\s+into|drop\s+(?:table|database|schema)|delete\s+from|update\s+\w+\s+set|alter\s+table|create\s+table|truncate)\b/i.test(
      text,
    )
  )
    return 'That is SQL, and I do not run SQL. Say it in words, for example “remove the list of books” or “add a notes field to books”.';
  if (bare === '') return 'There was nothing in your message. Say what you want to keep track of, or “help”.';
  if (
    /^(?:help|help me|\?|what (?:all )?can (?:you|i|it|we) (?:do|say|ask|make|build|understand).*|what do you (?:do|understand|know)|how (?:do|does|can|should) (?:i|you|this|it|we) (?:use|work|start|begin|talk|do).*|commands|examples?|instructions|manual)$/.test(
      bare,
    )
  )
    return HELP;
  if (
    /^(?:who|what) are you|^are you (?:an? )?(?:ai|llm|claude|chatgpt|gpt|language model|human|robot|bot|real|person|machine)|^(?:which|what) (?:model|llm|ai) (?:are|is|do)/.test(
      bare,
    )
  )
    return HELP;
  if (
    /^(?:undo|revert|redo|roll ?back|cancel (?:that|it|this)|take (?:it|that|this) back|go back|undo (?:that|it|this|the last .*)|revert (?:that|it|this).*)$/.test(
      bare,
    )
  )
    return 'Use Undo at the turn that you want to take back: it brings the files and the draft’s rows back as they were. I cannot do that for you.';
  if (
    /^(?:hi|hello|hey|good (?:morning|day|evening|afternoon)|hi there|hello there|hey there|moin|greetings)$/.test(bare)
  )
    return `Hello. ${spec?.entities.length ? 'Say what should change, or “help” for what I understand.' : 'Say what you want to keep track of, for example “a reading list with title, author and rating 1 to 5”.'}`;
  if (
    /^(?:thanks?|thank you|thx|great|nice|cool|perfect|good|good job|well done|ok|okay|yes|no|fine|super|lovely)(?: .{0,20})?$/.test(
      bare,
    ) &&
    !/\b(?:add|make|remove|rename|change)\b/.test(bare)
  )
    return 'Good. Say what should change next, or merge when it is right.';
  const asksForFields =
    /^(?:what|which|show|list|tell me).*\b(?:fields?|lists?|tables?|columns?|app|keep|have|spec)\b/.test(bare);
  if (/^(?:(?:please |let me |i want to |can i |make it possible to )*)(?:sort|order|search|filter)\b/.test(bare))
    return 'Every list has that already: a search over its texts, and sorting by each column, above the list and in the column’s heading.';
  if (
    /(?:^|\b(?:an?|the|add|make|create|want|need|with)\s+)(?:link|relation|relationship|connection|reference)s?\s+(?:between|from|to)\b/.test(
      bare,
    )
  )
    return 'Links between lists are beyond me: I only know lists and their fields. A text field can hold a name, or give this chat a language model in its settings.';
  if (spec && asksForFields && (/\?\s*$/.test(text) || /^(?:what|which|show me|tell me)\b/.test(bare)))
    return whatItKeeps(spec);
  if (/\?\s*$/.test(text) && /^(?:why|when|who|where|what|is|are|does|do|did|how|which)\b/.test(bare))
    return 'I cannot answer questions; I only change what the app keeps track of. Say “what can you do?” for examples, or give this chat a language model in its settings.';
  return undefined;
}

function whatItKeeps(spec: Spec): string {
  if (spec.entities.length === 0) return `${escaped(spec.title)} keeps nothing yet. Say what it should keep track of.`;
  return `${escaped(spec.title)} keeps:\n\n${spec.entities.map((entity) => `- ${describeEntity(entity)}`).join('\n')}`;
}
