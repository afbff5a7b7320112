/** The words that the builder knows. What is not in here is still a name; it is only not known to be anything special. */

const set = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s*,\s*|\n\s*/));

/** Nothing but what is written in it: people do call fields `constructor`. */
const only = <T>(table: Record<string, T>): Record<string, T> => Object.assign(Object.create(null), table);

/** Names that are written in capitals. */
export const acronyms = set('isbn, url, bic, vat, sku, iban, ean, imdb, upc, dob, ssn, gps, pin, faq');

/** What holds things: the last word of `reading list`. */
export const containers =
  set(`list, lists, box, tracker, app, log, diary, journal, database, db, catalogue, catalog, collection, library,
  register, inventory, planner, manager, directory, archive, board, organiser, organizer, index, table, tool, overview, shelf, cellar,
  system, keeper, report, sheet, rota, form, notebook, schedule, calendar, store, records, crm`);

/** What a list of that name is a list of. */
export const entityOf: Record<string, string> = only({
  ...{
    reading: 'Book',
    book: 'Book',
    library: 'Book',
    bookshelf: 'Book',
    recipe: 'Recipe',
    cooking: 'Recipe',
    cookbook: 'Recipe',
  },
  ...{
    shopping: 'Item',
    grocery: 'Item',
    packing: 'Item',
    inventory: 'Item',
    price: 'Item',
    collection: 'Item',
    stock: 'Item',
  },
  ...{
    'to-do': 'Task',
    todo: 'Task',
    'to do': 'Task',
    task: 'Task',
    chore: 'Chore',
    wish: 'Wish',
    wishlist: 'Wish',
    guest: 'Guest',
  },
  ...{
    watch: 'Film',
    watchlist: 'Film',
    movie: 'Movie',
    film: 'Film',
    bucket: 'Goal',
    address: 'Contact',
    contact: 'Contact',
  },
  ...{
    phone: 'Contact',
    playlist: 'Song',
    habit: 'Habit',
    expense: 'Expense',
    spending: 'Expense',
    budget: 'Expense',
    food: 'Meal',
  },
  ...{
    workout: 'Workout',
    running: 'Run',
    runs: 'Run',
    run: 'Run',
    training: 'Workout',
    travel: 'Trip',
    bug: 'Bug',
    issue: 'Issue',
    time: 'Entry',
    mood: 'Entry',
    crm: 'Customer',
  },
  ...{
    guestbook: 'Entry',
    blog: 'Post',
    diary: 'Entry',
    journal: 'Entry',
    log: 'Entry',
    wine: 'Wine',
    garden: 'Plant',
    event: 'Event',
    calendar: 'Event',
  },
  ...{
    notebook: 'Note',
    minutes: 'Meeting',
    schedule: 'Appointment',
    vocabulary: 'Word',
    directory: 'Contact',
    register: 'Entry',
    gift: 'Gift',
  },
});

/** Whole words that are a list without saying so. */
export const wholeLists =
  set(`wishlist, guestbook, watchlist, playlist, cookbook, bookshelf, blog, diary, journal, inventory, library, crm, notebook,
  minutes, garden`);

/** What an app is called when nothing is said about what it keeps. */
export const generic =
  set(`app, apps, application, tool, website, web app, site, page, web page, system, place, thing, something, anything,
  program, software, platform, database, list, table, tracker, form, overview, spreadsheet, crud app, it, data, stuff, things, one`);

const weeks = [
  ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
  ['Montag', 'Dienstag', 'Mittwoch', 'Donnerstag', 'Freitag', 'Samstag', 'Sonntag'],
  ['Lundi', 'Mardi', 'Mercredi', 'Jeudi', 'Vendredi', 'Samedi', 'Dimanche'],
  ['Lunes', 'Martes', 'Miércoles', 'Jueves', 'Viernes', 'Sábado', 'Domingo'],
];

/** `monday to friday`, as days. */
export function daysIn(phrase: string): string[] | undefined {
  const [from, to] = phrase.toLowerCase().split(/\s*(?:\bto\b|\bbis\b|\bà\b|\ba\b|-|–)\s*/);
  for (const week of weeks) {
    const at = (day = '') =>
      week.findIndex((one) => one.toLowerCase() === day || (day.length >= 3 && one.toLowerCase().slice(0, 3) === day));
    const [first, last] = [at(from), at(to)];
    if (first >= 0 && last > first) return week.slice(first, last + 1);
  }
  return undefined;
}
