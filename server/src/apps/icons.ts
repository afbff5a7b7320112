/** A first icon for an app, from the words of its name; the owner picks another in the launcher. */
const WORDS: [RegExp, string][] = [
  [/\b(read|book|librar|novel|author)/i, 'book-open'],
  [/\b(recipe|cook|kitchen|meal|menu|food)/i, 'utensils'],
  [/\b(task|todo|to-do|chore|check)/i, 'list-checks'],
  [/\b(customer|contact|member|people|client|crm|team|staff)/i, 'users'],
  [/\b(invoice|bill|expense|budget|payment|money)/i, 'receipt'],
  [/\b(event|calendar|booking|appointment|schedule|attendance)/i, 'calendar-check'],
  [/\b(inventor|stock|warehouse|product|item)/i, 'package'],
  [/\b(order|shop|store|cart|sale)/i, 'shopping-cart'],
  [/\b(plant|garden|flower|tree)/i, 'sprout'],
  [/\b(song|music|choir|band|album)/i, 'music'],
  [/\b(film|movie|series|watch)/i, 'clapperboard'],
  [/\b(workout|gym|run|sport|training)/i, 'dumbbell'],
  [/\b(pet|dog|cat|animal|vet)/i, 'paw-print'],
  [/\b(note|journal|diary|letter)/i, 'notebook-pen'],
  [/\b(issue|bug|ticket|support)/i, 'ticket'],
  [/\b(travel|trip|flight|hotel)/i, 'plane'],
  [/\b(house|home|room|rent|property)/i, 'house'],
  [/\b(school|course|class|student|lesson)/i, 'graduation-cap'],
];

export const iconFor = (name: string): string => WORDS.find(([words]) => words.test(name))?.[1] ?? 'layout-grid';
