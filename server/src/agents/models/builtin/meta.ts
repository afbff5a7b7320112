/** Answers what is no wish for a change: a greeting, `what can you do?`, `undo`, a question about what the app keeps. */
import type { Spec } from '../../../../../contract/spec.ts';
import { isUndoOfOther, UNDO_OF_OTHERS, WHERE_UNDO } from './commands/undo.ts';
import { describeEntity } from './plan-text.ts';
import { escaped, say } from './say.ts';

const HELP = `I am the built-in builder. I am not a language model: I read plain words by rules, in English, German, French and Spanish, and need no key.

**A new app:** say what it should keep, for example “Members with name, email and birthday; courts with a number. Members book courts for a date and a time.”

**From a table:** attach a CSV file and say “make an app for this”.

**Changes**, several in one message if you like:

- “Add a notes field to books”, “each order belongs to a customer”, “students can join several courses”
- “Rename shipped to sent”, “remove the rating”, “status can also be cancelled”
- “Make email required”, “price in dollars”, “rating should go up to 10”, “total = price * quantity”
- “Sort books by title”, “hide the notes column”, “put the price first”
- “A board of tasks by status”, “a calendar of appointments”, “a chart of expenses by category”
- “Only the treasurer sees the fee”, “call the app My club”, “make it green”, “use a book icon”
- “Undo that”, “undo what chat “Add a rating” did”
- “Add 10 sample rows to books”, to see what it is like in use

Before rows lose something I count them and ask. Pages drawn by hand, e-mails, payments and links to other services are beyond me: give this chat a language model in its settings for those.`;

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
    return WHERE_UNDO;
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
  if (
    /^(?:can you )?(?:make|design|style) (?:it|the app|everything|this)(?: look)? (?:a bit )?(?:nicer|prettier|beautiful|better|modern|cooler|more modern)/.test(
      bare,
    )
  )
    return 'Of the looks I can set the colour and the icon: “make it green”, “use a book icon”. For more, give this chat a language model in its settings.';
  if (isUndoOfOther(bare)) return UNDO_OF_OTHERS;
  if (
    /^(?:can (?:i|we|you) |how (?:can|do) (?:i|we) |is there a way to |make it possible to |i want to be able to )?(?:search|filter)\b/.test(
      bare,
    )
  )
    return 'Every list has that already: a search over its texts, and sorting by each column in the column’s heading.';
  if (/^.{0,40}\b(?:import|load|bring in|upload)\b.{0,20}\b(?:csv|excel|spreadsheet|file|table)\b/.test(bare))
    return 'Attach the table as a CSV file to your message and say “make a list of this”: I make its fields from the columns. In the preview, “Import” below each list brings rows in.';
  const beyond = bare.match(
    /\b(?:send|sends|sending)\b.{0,20}\b(?:e-?mails?|sms|text messages?|reminders?|notifications?|newsletters?)\b|\b(?:online )?payments? (?:with|via|by|through)\b|\b(?:stripe|paypal|whatsapp|google calendar|outlook|zapier|telegram)\b|\bchat ?bot\b|\blog ?in (?:page|screen|form)\b/,
  );
  if (beyond && !/\b(?:field|column|with)\b/.test(bare))
    return `I cannot build that: ${say(beyond[0])} needs code beyond lists, fields and pages. What I can do is keep the data for it, for example a field for when somebody was reminded. For the rest, give this chat a language model in its settings.`;
  if (spec && asksForFields && (/\?\s*$/.test(text) || /^(?:what|which|show me|tell me)\b/.test(bare)))
    return whatItKeeps(spec);
  if (/\?\s*$/.test(text) && /^(?:why|when|who|where|what|is|are|does|do|did|how|which)\b/.test(bare))
    return 'I cannot answer questions; I only change what the app keeps track of. Say “what can you do?” for examples, or give this chat a language model in its settings.';
  return undefined;
}

function whatItKeeps(spec: Spec): string {
  if (spec.entities.length === 0) return `${escaped(spec.title)} keeps nothing yet. Say what it should keep track of.`;
  return `${escaped(spec.title)} keeps:\n\n${spec.entities.map((entity) => `- ${describeEntity(entity, spec)}`).join('\n')}`;
}
