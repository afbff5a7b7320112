/** `Make an app for this` with a table attached: a list whose fields are the columns, and how its rows come in. */
import type { AppLanguage, Spec } from '../../../../../../contract/spec.ts';
import { emptySpec, specLimits } from '../../../../../../contract/spec.ts';
import type { NewField, SpecOperation } from '../../../../../../contract/spec-operations.ts';
import { applyOperations } from '../../../../builds/spec/apply.ts';
import { comparable } from '../../../../builds/spec/references.ts';
import type { AttachedFile } from '../conversation.ts';
import type { Interpretation } from '../interpret.ts';
import { languageOf } from '../language/language.ts';
import { pluralIn, singularIn } from '../language/number.ts';
import { exactEntity } from '../resolve.ts';
import { escaped, listed, say } from '../say.ts';
import { sentenceCase } from '../split.ts';
import { fieldOf } from './column-type.ts';
import { looksLikeTable, readTable, type Table } from './read-table.ts';

/** Rows that an app takes at once. */
const MOST_IMPORTED = 5_000;
const IMPORT: Record<AppLanguage, string> = { en: 'Import', de: 'Importieren', fr: 'Importer', es: 'Importar' };
const ENTRY: Record<AppLanguage, string> = { en: 'Entry', de: 'Eintrag', fr: 'Entrée', es: 'Entrada' };

const wish =
  /\b(?:import|bring in|load|upload|csv|tsv|file|spreadsheet|table|sheet|excel|attached|attachment|this|these|datei|tabelle|anhang|importiere?n?|dies(?:e[rsmn]?)?|daraus|hieraus|dazu|dafür|fichier|tableau|ci-joint|importe[rz]?|ceci|cette|ces|archivo|tabla|hoja|adjunto|importa[r]?|esto|est[ea]s?)\b/iu;

/** The file that a message is about, if it is about one. @param understood whether the words say something without it */
export function tableMeant(
  message: string,
  files: readonly AttachedFile[],
  understood: () => boolean,
): AttachedFile | undefined {
  const table = files.find(looksLikeTable);
  if (!table) return undefined;
  return message.length <= 600 && (message.trim() === '' || wish.test(message) || !understood()) ? table : undefined;
}

/** @param spec null while the chat has no app */
export function fromTable(message: string, file: AttachedFile, spec: Spec | null): Interpretation {
  const read = readTable(file);
  if ('problem' in read) return { kind: 'say', text: `${read.problem} Nothing was changed.` };
  const { table } = read;
  const language = languageOf(message, spec?.language ?? languageOf(table.columns.map(({ name }) => name).join(' ')));
  const name = nameOf(message, file.name, language);
  const there = spec && exactEntity({ spec, answers: [], language }, name);
  if (there)
    return {
      kind: 'say',
      text: intoList(
        there.plural,
        there.fields.map((one) => one.name),
        table,
        file.name,
        language,
      ),
    };
  const plural = language === 'en' ? undefined : sentenceCase(pluralIn(name, language)).slice(0, specLimits.label);
  const operations: SpecOperation[] = [
    ...(language === (spec?.language ?? 'en') ? [] : [{ op: 'set_language' as const, language }]),
    { op: 'add_entity', name, ...(plural && { plural }), fields: fieldsOf(table) },
  ];
  const title = spec?.title ?? titleOf(file.name) ?? sentenceCase(pluralIn(name, language));
  const before = spec ?? emptySpec('App');
  const applied = applyOperations(spec ? before : { ...before, title }, operations);
  if (!applied.ok)
    return { kind: 'say', text: `I read ${say(file.name)}, but no list can be made of it: ${applied.message}` };
  const made = applied.spec.entities.at(-1)!;
  return {
    kind: 'do',
    title,
    operations,
    before,
    after: applied.spec,
    assumed: [
      `The fields are the columns of ${say(file.name)}; I took their types from ${table.rows === 1 ? 'its row' : `its first ${Math.min(table.rows, 2_000)} rows`}.`,
    ],
    left: table.left,
    unused: [],
    next: howToImport(made.plural, table, file.name, language),
  };
}

function fieldsOf(table: Table): NewField[] {
  const fields = table.columns
    .slice(0, specLimits.fields)
    .map((column) => ({ column, field: fieldOf(column, table.whole) }));
  // what every row has, and what can stand for it
  const shown = fields.find(({ column, field }) => column.full && field.type === 'text');
  return fields.map(({ field }) => (field === shown?.field && table.whole ? { ...field, required: true } : field));
}

/** One row's name: as the message calls it, else as the file is called. */
function nameOf(message: string, file: string, language: AppLanguage): string {
  const said = message.match(
    /(?:\b(?:lists?|table|file|app) (?:of|for|with)|\bas(?: a list of)?|\bthese|\b(?:liste|tabelle) (?:von|der|mit|des|de)|\blista de|\bals)\s+(?:(?:my|our|the|these|all|a|meine|unsere|die|der|mes|nos|les|mis|los|las)\s+)*(\p{L}[\p{L}’-]{2,30})(?=[\s.,!?]|$)/iu,
  )?.[1];
  const words = bareName(file);
  const chosen =
    said && !/^(?:this|these|that|csv|file|table|list|it|app|rows?|data|diese[rs]?|ceci|esto)$/i.test(said)
      ? said
      : words;
  return sentenceCase(singularIn(chosen ?? ENTRY[language], language)).slice(0, specLimits.label);
}

/** `members-2026 (1).csv` → `members`; what says nothing is no name. */
function bareName(file: string): string | undefined {
  const words = file
    .normalize('NFC')
    .replace(/\.\w{1,8}$/, '')
    .replace(/[\p{Cc}\p{Cf}_.()-]+/gu, ' ')
    .split(/\s+/)
    .filter((word) => /^\p{L}[\p{L}’]+$/u.test(word))
    .filter(
      (word) =>
        !/^(?:export|import|copy|final|new|list|liste|lista|table|tabelle|data|daten|datos|file|csv|sheet|book|mappe|untitled|download|of|the|my)$/i.test(
          word,
        ),
    );
  const name = words.slice(0, 3).join(' ').slice(0, specLimits.label).trim();
  return name === '' ? undefined : name.toLowerCase() === name ? sentenceCase(name) : name;
}
const titleOf = (file: string): string | undefined => bareName(file)?.slice(0, specLimits.title);

function howToImport(plural: string, { rows, whole }: Table, file: string, language: AppLanguage): string {
  const count = whole ? (rows === 1 ? 'the row' : `the ${rows} rows`) : 'the rows';
  const many =
    !whole || rows > MOST_IMPORTED
      ? ` It takes ${MOST_IMPORTED} rows at a time: part a longer table into several files.`
      : '';
  return `To bring ${count} in, open **${escaped(plural)}** in the preview, choose “${IMPORT[language]}” below the list, and the file ${say(file)}: it shows what would be added before anything is.${many} What you bring in there is in this chat’s draft; do the same in the app once this is merged.`;
}

/** The list is there already: its rows come in where rows come in, and what it has no field for is said. */
function intoList(plural: string, fields: string[], table: Table, file: string, language: AppLanguage): string {
  const known = fields.map(comparable);
  const unknown = table.columns.filter(({ name }) => !known.includes(comparable(name))).map(({ name }) => say(name));
  const more =
    unknown.length === 0
      ? ''
      : ` ${escaped(plural)} have no ${unknown.length === 1 ? 'field' : 'fields'} for ${listed(unknown.slice(0, 10))}: say for example “add ${table.columns.find(({ name }) => !known.includes(comparable(name)))!.name.toLowerCase()} to ${escaped(plural.toLowerCase())}” first if it should be kept.`;
  return `There is a list of ${escaped(plural.toLowerCase())} already, so I changed nothing.${more} ${howToImport(plural, table, file, language)}`;
}
