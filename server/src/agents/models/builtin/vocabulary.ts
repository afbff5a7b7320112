/** The words that the builder knows. What is not in here is still a name; it is only not known to be anything special. */

const set = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s*,\s*|\n\s*/));

/** Last words of a field's name that say what type it is. */
export const booleanWords =
  set(`finished, done, paid, completed, complete, active, archived, available, favourite, favorite, published,
  confirmed, approved, vegetarian, vegan, owned, lent, returned, sold, indoors, outdoors, bought, delivered, in stock, on loan,
  cancelled, canceled, resolved, closed, urgent, public, private, member, enabled, attended, visited, watched, checked`);
export const dateWords =
  set(`date, day, birthday, deadline, due, due date, born, date of birth, since, until, watered, start, end,
  started, ended, expiry, expires, last seen, planted, seen, joined, released, hired, when`);
export const numberWords =
  set(`price, cost, costs, amount, total, weight, height, length, width, depth, temperature, salary, budget, fee,
  hours, distance, percent, percentage, balance, value, latitude, longitude, rate, area, volume, size in cm, rent, tax, discount, sum`);
export const integerWords =
  set(`pages, quantity, qty, count, stock, age, year, servings, minutes, seats, points, copies, portions, calories,
  rank, position, score, reps, sets, people, guests, duration, capacity, episodes, episode, season, tickets, votes, goals, likes`);
export const ratingWords = set(`rating, ratings, stars, star rating`);
export const longtextWords =
  set(`notes, note, description, comments, comment, details, summary, instructions, ingredients, body,
  content, review, remarks, remark, message, story, bio, biography, method, steps, thoughts, lyrics, abstract, agenda, minutes of meeting,
  feedback, observations, text, reason, reasons, directions, preparation`);
/** Nothing but what is written in it: people do call fields `constructor`. */
const only = <T>(table: Record<string, T>): Record<string, T> => Object.assign(Object.create(null), table);

/** Their own names make them a choice when nothing else is said. */
export const knownChoices: Record<string, string[]> = only({
  priority: ['Low', 'Medium', 'High'],
  status: ['Open', 'In progress', 'Done'],
  difficulty: ['Easy', 'Medium', 'Hard'],
});

/** Names that are written in capitals. */
export const acronyms = set('isbn, url, vat, sku, iban, ean, imdb, upc, dob, ssn, gps, pin, faq');

/** What holds things: the last word of `reading list`. */
export const containers =
  set(`list, lists, box, tracker, app, log, diary, journal, database, db, catalogue, catalog, collection, library,
  register, inventory, planner, manager, directory, archive, board, organiser, organizer, index, table, tool, overview, shelf, cellar,
  system, keeper, notebook, schedule, calendar, store, records, crm`);

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
  garden`);

/** What an app is called when nothing is said about what it keeps. */
export const generic =
  set(`app, apps, application, tool, website, web app, site, page, web page, system, place, thing, something, anything,
  program, software, platform, database, list, table, tracker, form, overview, spreadsheet, crud app, it, data, stuff, things, one`);

/** What a list has when only its name is said. */
export const usualFields: Record<string, string[]> = only({
  Book: ['title', 'author'],
  Film: ['title', 'year', 'rating'],
  Movie: ['title', 'year', 'rating'],
  Recipe: ['title', 'ingredients', 'instructions'],
  Task: ['title', 'due date', 'done'],
  Chore: ['title', 'due date', 'done'],
  Contact: ['name', 'email', 'phone'],
  Customer: ['name', 'email', 'phone'],
  Member: ['name', 'email', 'phone'],
  Expense: ['description (text)', 'amount', 'date'],
  Event: ['title', 'date', 'place'],
  Item: ['name', 'quantity'],
  Note: ['title', 'text'],
  Entry: ['date', 'text'],
  Post: ['title', 'text', 'date'],
  Song: ['title', 'artist'],
});
