/** Examples that no word list has, in the four languages of apps: what somebody notes down, calls an event, a bicycle or a problem. */
import type { AppLanguage } from '../../../../contract/spec.ts';

type Phrases = Record<AppLanguage, readonly string[]>;

export const NOTES: Phrases = {
  en: [
    'Call back next week.',
    'Looks good so far.',
    'Ask about the details.',
    'Done as agreed.',
    'Needs a second look.',
  ],
  de: [
    'Nächste Woche zurückrufen.',
    'Sieht bisher gut aus.',
    'Nach Einzelheiten fragen.',
    'Wie besprochen erledigt.',
    'Noch einmal ansehen.',
  ],
  fr: [
    'Rappeler la semaine prochaine.',
    'Tout va bien pour l’instant.',
    'Demander les détails.',
    'Fait comme convenu.',
    'À revoir.',
  ],
  es: [
    'Volver a llamar la próxima semana.',
    'Por ahora va bien.',
    'Preguntar por los detalles.',
    'Hecho según lo acordado.',
    'Revisar otra vez.',
  ],
};
export const EVENTS: Phrases = {
  en: ['Beginners’ evening', 'Spring workshop', 'Open day', 'Refresher', 'Summer meeting', 'First steps'],
  de: [
    'Abend für Einsteiger',
    'Frühjahrswerkstatt',
    'Tag der offenen Tür',
    'Auffrischung',
    'Sommertreffen',
    'Erste Schritte',
  ],
  fr: [
    'Soirée débutants',
    'Atelier de printemps',
    'Portes ouvertes',
    'Remise à niveau',
    'Rencontre d’été',
    'Premiers pas',
  ],
  es: [
    'Tarde de iniciación',
    'Taller de primavera',
    'Jornada abierta',
    'Repaso',
    'Encuentro de verano',
    'Primeros pasos',
  ],
};
export const BIKES: Phrases = {
  en: [
    'Red city bike',
    'Blue mountain bike',
    'Cargo bike',
    'Road bike',
    'Folding bike',
    'Children’s bike',
    'Touring bike',
    'Old green tandem',
  ],
  de: [
    'Rotes Stadtrad',
    'Blaues Mountainbike',
    'Lastenrad',
    'Rennrad',
    'Faltrad',
    'Kinderrad',
    'Trekkingrad',
    'Altes grünes Tandem',
  ],
  fr: [
    'Vélo de ville rouge',
    'VTT bleu',
    'Vélo cargo',
    'Vélo de course',
    'Vélo pliant',
    'Vélo d’enfant',
    'Vélo de randonnée',
    'Vieux tandem vert',
  ],
  es: [
    'Bici urbana roja',
    'Bici de montaña azul',
    'Bici de carga',
    'Bici de carretera',
    'Bici plegable',
    'Bici infantil',
    'Bici de paseo',
    'Tándem verde antiguo',
  ],
};
/** Makes that do not exist. */
export const BIKE_MAKES: readonly string[] = [
  'Windrose',
  'Halden',
  'Kestrel & Co',
  'Bergmann',
  'Ardoise',
  'Vela Norte',
];
export const PROBLEMS: Phrases = {
  en: [
    'Makes a strange noise',
    'Does not start',
    'A screw is missing',
    'Leaks at the bottom',
    'Cannot be locked',
    'Worn out and loose',
    'Bent out of shape',
    'Stops now and then',
  ],
  de: [
    'Macht ein seltsames Geräusch',
    'Startet nicht',
    'Eine Schraube fehlt',
    'Unten undicht',
    'Lässt sich nicht abschließen',
    'Abgenutzt und locker',
    'Verbogen',
    'Bleibt ab und zu stehen',
  ],
  fr: [
    'Fait un bruit étrange',
    'Ne démarre pas',
    'Il manque une vis',
    'Fuit par le bas',
    'Ne ferme pas à clé',
    'Usé et desserré',
    'Tordu',
    'S’arrête de temps en temps',
  ],
  es: [
    'Hace un ruido extraño',
    'No arranca',
    'Falta un tornillo',
    'Gotea por abajo',
    'No se puede cerrar',
    'Gastado y flojo',
    'Está doblado',
    'Se para de vez en cuando',
  ],
};
