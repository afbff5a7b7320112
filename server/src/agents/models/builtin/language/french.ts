/** What French sentences are built of. */
import type { Language } from './language.ts';

const article = "(?:le champ |la colonne |les |le |la |l[’'])?";

export const french: Language = {
  marks:
    'le la les un une des et avec pour je nous mon ma mes notre nos chaque est sont peut peuvent plusieurs ont du au aux ajoute ajoutez supprime renomme trie enlève tiens voudrais besoin qui dans par annule retire rends cette ce il elle ou',
  sentences: [
    ['annule(?:r)?(?: ça| cela| la dernière modification)?|défais(?: ça)?', 'undo that'],
    ["que (?:peux|sais)-tu faire|qu[’']est-ce que tu (?:peux|sais) faire|aide(?:-moi)?", 'what can you do?'],
    [
      `(?!.*appart)ajoute[rz]? (?:un champ |une colonne |un |une |le |la |les |des )?(.+?) (?:à|aux|au|dans) ${article}(.+)`,
      'add $1 to $2',
    ],
    ['ajoute[rz]? (?:un champ |une colonne |un |une |le |la |les |des )?(.+)', 'add $1'],
    [
      `(?:supprime|enlève|retire|efface)[rz]? ${article}(.+?) (?:des|du|de la|de l[’']|dans les) ?(.+)`,
      'remove $1 from $2',
    ],
    [`(?:supprime|enlève|retire|efface)[rz]? ${article}(.+)`, 'remove $1'],
    ["(?:renomme|appelle) l[’']appli(?:cation)? (?:en )?(.+)", 'call the app $1'],
    [`renomme[rz]? ${article}(.+?) en (.+)`, 'rename $1 to $2'],
    [`trie[rz]? ${article}(.+?) par (.+)`, 'sort $1 by $2'],
    [`(?:masque|cache)[rz]? ${article}(.+?) (?:des|du|de la|dans les) (.+)`, 'hide $1 of $2'],
    [`(?:masque|cache)[rz]? ${article}(.+)`, 'hide $1'],
    [`rend(?:s|ez|re) ${article}(.+?) obligatoire`, 'make $1 required'],
    [`rend(?:s|ez|re) ${article}(.+?) unique`, 'make $1 unique'],
  ],
  pieces: [
    ['(?:gestion|suivi|liste) (?:des|de la|du|de)', 'list of'],
    ["une (?:page|vue) (?:pour (?:les |la |le |l[’'])?imprimer|à imprimer|d[’']impression)", 'a page to print them'],
    ['(?:appartien(?:t|nent|dra|dront)|appartenant) (?:à|aux?)', 'belongs to'],
    ['(?:peut|peuvent) (?:suivre|avoir|participer à|rejoindre) plusieurs', 'can join several'],
    ["j[’']ai besoin d[’'](?:une? )?|nous avons besoin d[’'](?:une? )?|il me faut|je voudrais|je veux", 'i need'],
    ["je tiens|j[’']ai|nous sommes|je suis", 'i run'],
    ['oui ?/ ?non|oui ou non', 'yes/no'],
    ["une liste (?:de|des|d[’'])", 'a list of'],
    ['avec', 'with'],
    ['et', 'and'],
    ['ou', 'or'],
    ['sans', 'without'],
    ['mais', 'but'],
    ['pas de', 'no'],
    ['pour', 'for'],
    ['quelque chose', 'something'],
    ['(?:mon|ma|mes|notre|nos)', 'my'],
    ['chaque', 'each'],
    ['plusieurs', 'several'],
    ['quels?|quelles?', 'which'],
    ['seule?(?:ment)?', 'only'],
    ['voit|voient', 'sees'],
    ['(?<=\\p{L} )(?:ont|a)(?= (?:une?|le|la|plusieurs|several|des) )', 'has'],
    ['peut|peuvent', 'can'],
    ['obligatoire', 'required'],
    ['facultati(?:f|ve)', 'optional'],
    ["(?<=[,;.:]\\s*|^|with |and |or |sees |only )(?:les|le|la|des|du|l[’'])", 'the'],
    ['une?', 'a'],
    ['de (\\d+) à (\\d+)', 'from $1 to $2'],
  ],
};
