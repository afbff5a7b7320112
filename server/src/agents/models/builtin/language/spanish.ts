/** What Spanish sentences are built of. */
import type { Language } from './language.ts';

const article = '(?:el campo |la columna |los |las |el |la )?';

export const spanish: Language = {
  marks:
    'el los las un una unos y con para mi mis nuestro nuestra cada es son tiene tienen puede pueden varios varias muchos añade agrega quita elimina borra renombra ordena necesito quiero tengo del al por qué deshaz haz cambia muestra oculta o que en su sus',
  sentences: [
    ['deshaz(?:lo|er)?(?: eso| el último cambio)?', 'undo that'],
    ['¿?qué (?:puedes|sabes) hacer|ayuda', 'what can you do?'],
    [
      `(?!.*pertenece)(?:añade|agrega|pon)(?:r)? (?:un campo |una columna |un |una |el |la |los |las )?(.+?) (?:a|en) ${article}(.+)`,
      'add $1 to $2',
    ],
    [
      '(?:añade|agrega|pon)(?:r)? a (?:los |las |la )?([^,]+?) (?:un campo |una columna |un |una )([^,]+)',
      'add $2 to $1',
    ],
    ['(?:añade|agrega|pon)(?:r)? (?:un campo |una columna |un |una |el |la |los |las )?(.+)', 'add $1'],
    [`(?:quita|elimina|borra)r? ${article}(.+?) (?:de los|de las|del|de la|de) (.+)`, 'remove $1 from $2'],
    [`(?:quita|elimina|borra)r? ${article}(.+)`, 'remove $1'],
    ['(?:llama|renombra) (?:a )?la (?:app|aplicación) (?:a |como )?(.+)', 'call the app $1'],
    [`(?:renombra|cambia el nombre de) ${article}(.+?) (?:a|por|como) (.+)`, 'rename $1 to $2'],
    [`ordena ${article}(.+?) por (.+)`, 'sort $1 by $2'],
    [`(?:oculta|esconde) ${article}(.+?) (?:de los|de las|del|en los|en las) (.+)`, 'hide $1 of $2'],
    [`(?:oculta|esconde) ${article}(.+)`, 'hide $1'],
    [`haz (?:que )?${article}(.+?) (?:sea )?obligatori[oa]`, 'make $1 required'],
    [`haz (?:que )?${article}(.+?) (?:sea )?únic[oa]`, 'make $1 unique'],
  ],
  pieces: [
    ['(?:gestión|control|registro|lista) de(?: los| las| mis)?', 'list of'],
    ['una (?:página|hoja|vista) para imprimir(?:l[oa]s?)?', 'a page to print them'],
    ['(?:pertenecen?|pertenecientes?) al?', 'belongs to'],
    [
      '(?:puede|pueden) (?:participar en|tener|asistir a|apuntarse a|tomar) (?:varios|varias|muchos|muchas)',
      'can join several',
    ],
    ['necesito|necesitamos|quiero|queremos', 'i need'],
    ['tengo|tenemos', 'i run'],
    ['sí ?/ ?no|sí o no|si ?/ ?no', 'yes/no'],
    ['una lista de', 'a list of'],
    ['con', 'with'],
    ['[ye](?= \\p{L})', 'and'],
    ['o', 'or'],
    ['sin', 'without'],
    ['pero', 'but'],
    ['para', 'for'],
    ['algo', 'something'],
    ['(?:mi|mis|nuestro|nuestra|nuestros|nuestras)', 'my'],
    ['cada', 'each'],
    ['vari[oa]s|much[oa]s', 'several'],
    ['qué|cuál(?:es)?', 'which'],
    ['s[oó]lo', 'only'],
    ['ven?', 'sees'],
    ['tienen?', 'has'],
    ['puede|pueden', 'can'],
    ['obligatori[oa]', 'required'],
    ['únic[oa]', 'unique'],
    ['opcional', 'optional'],
    ['(?<=[,;.:]\\s*|^|with |and |or )(?:los|las|el|la)', 'the'],
    ['una?', 'a'],
    ['del? (\\d+) al? (\\d+)', 'from $1 to $2'],
  ],
};
