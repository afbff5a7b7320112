/** Words for colours and icons. Icons are named as lucide names them. */
import type { appColours } from '../../../../../contract/apps.ts';

type Colour = (typeof appColours)[number];

const colours: [Colour, string][] = [
  ['moss', 'green|moss|grün|vert|verde|olive'],
  ['pine', 'dark green|pine|teal|turquoise|dunkelgrün|petrol'],
  ['harbour', 'blue|light blue|harbour|harbor|blau|hellblau|bleu|azul'],
  ['slate', 'grey|gray|slate|black|grau|schwarz|gris|noir|negro'],
  ['indigo', 'dark blue|indigo|navy|dunkelblau'],
  ['plum', 'purple|violet|plum|lila|violett|morado|lavender'],
  ['rose', 'pink|rose|rosa|magenta'],
  ['brick', 'red|brick|rot|rouge|rojo|crimson'],
  ['ochre', 'yellow|orange|ochre|gold|golden|gelb|jaune|amarillo|naranja'],
  ['bark', 'brown|bark|braun|marron|marrón|beige'],
];
export const colourNames: ReadonlyMap<string, Colour> = new Map(
  colours.flatMap(([colour, words]) => words.split('|').map((word): [string, Colour] => [word, colour])),
);

const icons: [string, string][] = [
  ['book-open', 'book|books|library|reading|buch|bücher|livre|libro'],
  ['users', 'people|members|users|team|club|group|mitglieder|leute|membres|socios'],
  ['user', 'person|user|customer|man|woman'],
  ['calendar', 'calendar|date|event|events|kalender|calendrier|calendario'],
  ['heart', 'heart|love|herz|coeur|corazón|health'],
  ['star', 'star|stern|étoile|estrella|rating'],
  ['music', 'music|note|song|choir|musik|musique|música'],
  ['dog', 'dog|pet|hund|chien|perro'],
  ['cat', 'cat|katze|chat|gato'],
  ['paw-print', 'paw|animal|animals|tier|tiere'],
  ['car', 'car|auto|voiture|coche'],
  ['bike', 'bike|bicycle|cycle|fahrrad|vélo|bicicleta'],
  ['wrench', 'tools|tool|wrench|repair|spanner|werkzeug'],
  ['hammer', 'hammer|workshop|craft'],
  ['house', 'house|home|haus|maison|casa'],
  ['shopping-cart', 'cart|shopping|shop cart|einkauf'],
  ['store', 'shop|store|laden|boutique|tienda'],
  ['wallet', 'money|wallet|purse|geld|argent|dinero'],
  ['coins', 'coins|expenses|budget'],
  ['receipt', 'receipt|invoice|bill|rechnung'],
  ['camera', 'camera|photo|picture|foto'],
  ['utensils', 'food|recipe|fork|restaurant|essen|kitchen'],
  ['cake', 'cake|birthday|kuchen'],
  ['coffee', 'coffee|café|cafe|cup'],
  ['wine', 'wine|wein|vin|vino'],
  ['flower', 'flower|flowers|blume|fleur|flor'],
  ['sprout', 'plant|plants|garden|pflanze|garten'],
  ['tree-deciduous', 'tree|baum'],
  ['graduation-cap', 'school|student|course|schule|école|escuela'],
  ['stethoscope', 'doctor|clinic|practice|arzt|patient'],
  ['dumbbell', 'gym|sport|workout|fitness'],
  ['trophy', 'trophy|cup|prize|winner|pokal'],
  ['list-checks', 'list|tasks|task|todo|checklist|aufgaben'],
  ['package', 'box|package|parcel|stock|inventory|paket'],
  ['plane', 'plane|travel|trip|flight|reise'],
  ['ship', 'boat|ship|sailing|boot|schiff'],
  ['sun', 'sun|sonne|soleil|sol'],
  ['clock', 'clock|time|uhr'],
  ['film', 'film|movie|movies|cinema'],
  ['gamepad-2', 'game|games|spiel'],
  ['phone', 'phone|telephone|telefon'],
  ['mail', 'mail|letter|email|brief'],
  ['briefcase', 'work|briefcase|office|business|arbeit'],
  ['baby', 'baby|child|kids|kind'],
  ['church', 'church|kirche|parish'],
  ['gift', 'gift|present|geschenk'],
];
const iconNames = new Map(
  icons.flatMap(([icon, words]) => words.split('|').map((word): [string, string] => [word, icon])),
);

/** Every icon that a word stands for. */
export const knownIcons: readonly string[] = icons.map(([icon]) => icon);

/** The icon that a word means, or nothing. */
export const iconOf = (word: string): string | undefined => {
  const bare = word
    .toLowerCase()
    .replace(/[.!]+$/, '')
    .trim();
  return (
    iconNames.get(bare) ??
    iconNames.get(bare.replace(/s$/, '')) ??
    (knownIcons.includes(bare.replaceAll(' ', '-')) ? bare.replaceAll(' ', '-') : undefined)
  );
};
