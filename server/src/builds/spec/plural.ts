/** English singular and plural of the last word of a label; anything irregular can be said outright. */
const irregular: Record<string, string> = Object.assign(Object.create(null), {
  ...{
    person: 'people',
    child: 'children',
    man: 'men',
    woman: 'women',
    foot: 'feet',
    tooth: 'teeth',
    mouse: 'mice',
    goose: 'geese',
  },
  ...{
    leaf: 'leaves',
    shelf: 'shelves',
    wolf: 'wolves',
    knife: 'knives',
    life: 'lives',
    wife: 'wives',
    half: 'halves',
    loaf: 'loaves',
  },
  ...{
    hero: 'heroes',
    potato: 'potatoes',
    tomato: 'tomatoes',
    quiz: 'quizzes',
    criterion: 'criteria',
    datum: 'data',
    index: 'indexes',
  },
  ...{
    bus: 'buses',
    status: 'statuses',
    gas: 'gases',
    lens: 'lenses',
    virus: 'viruses',
    campus: 'campuses',
    bonus: 'bonuses',
  },
  ...{
    movie: 'movies',
    cookie: 'cookies',
    pie: 'pies',
    tie: 'ties',
    shoe: 'shoes',
    calorie: 'calories',
    cache: 'caches',
    axe: 'axes',
  },
});
const unchanging = new Set([
  'news',
  'series',
  'species',
  'sheep',
  'fish',
  'deer',
  'equipment',
  'furniture',
  'software',
  'staff',
  'clothes',
  'homework',
  'money',
  'information',
  'feedback',
  'music',
]);
const singulars = new Map(Object.entries(irregular).map(([one, many]) => [many, one]));

const lastWord = (label: string, change: (word: string) => string): string =>
  label.replace(/[\p{L}\p{N}]+(?=[^\p{L}\p{N}]*$)/u, (word) => sameCase(word, change(word.toLowerCase())));

function sameCase(before: string, after: string): string {
  if (before.length > 1 && before === before.toUpperCase())
    return before.toLowerCase() === after ? before : `${before}s`;
  return before[0] === before[0]?.toUpperCase() ? after[0]!.toUpperCase() + after.slice(1) : after;
}

/** `Book` → `Books`, `Reading diary` → `Reading diaries`. */
export function pluralOf(label: string): string {
  return lastWord(label, (word) => {
    if (unchanging.has(word)) return word;
    if (irregular[word]) return irregular[word];
    if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
    if (/(s|x|z|ch|sh)$/.test(word)) return `${word}es`;
    return `${word}s`;
  });
}

/** `Books` → `Book`; a word that is not a plural comes back as it is. */
export function singularOf(label: string): string {
  return lastWord(label, (word) => {
    if (unchanging.has(word) || irregular[word]) return word;
    const one = singulars.get(word);
    if (one) return one;
    if (/(ss|us|is)$/.test(word)) return word;
    if (/[^aeiou]ies$/.test(word)) return `${word.slice(0, -3)}y`;
    if (/(ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
    if (/s$/.test(word) && word.length > 2) return word.slice(0, -1);
    return word;
  });
}

/** Whether the label's last word says that there are several. */
export const isPlural = (label: string): boolean => singularOf(label) !== label;
