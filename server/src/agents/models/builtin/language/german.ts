/** What German sentences are built of. */
import type { Language } from './language.ts';

const article = '(?:den |der |dem |die |das |dem feld |das feld |die spalte )?';

export const german: Language = {
  marks:
    'der die das und mit für ich wir unser unsere unseren mein meine meinen ein eine einen einem einer ist sind soll sollen haben hat jede jeder jedes jedem zu den dem nicht auch bitte brauche brauchen möchte möchten füge hinzu lösche benenne zeige sortiere mach mache von nach wird oder kann können gehört über bücher etwas alle rückgängig ändere nenne entferne was kannst du hilfe ergänze blende',
  sentences: [
    ['(?:mach(?:e)? (?:das|es|die letzte änderung) |das )?rückgängig(?: machen)?', 'undo that'],
    ['was kannst du(?: alles)?|hilfe|was geht', 'what can you do?'],
    [
      `(?:bitte )?füge? (?:bei |zu |in )?${article}(.+?) (?:ein(?:e|en)? (?:feld |spalte )?|das feld |die spalte )(.+?) hinzu( \\(.+\\))?`,
      'add $2$3 to $1',
    ],
    [
      `(?:bitte )?füge? (?:ein(?:e|en)? )?(?:(?:neue[sn]?) )?(?:feld |spalte )?(.+?) (?:zu|bei|in) ${article}(.+?) hinzu`,
      'add $1 to $2',
    ],
    ['(?:bitte )?füge? (?:ein(?:e|en)? )?(?:(?:neue[sn]?) )?(?:feld |spalte )?(.+?) hinzu', 'add $1'],
    [`(?:bitte )?ergänze ${article}(.+?) um (?:ein(?:e|en)? )?(.+)`, 'add $2 to $1'],
    [`(?:bitte )?benenne ${article}(.+?) (?:in|zu|auf) (.+?) um`, 'rename $1 to $2'],
    ['(?:bitte )?nenne die app (?:in )?(.+?)(?: um)?', 'call the app $1'],
    [`(?:bitte )?nenne ${article}(.+?) (?:in )?(\\S+)(?: um)?`, 'rename $1 to $2'],
    [`(?:bitte )?(?:lösche|entferne|streiche) ${article}(.+?) (?:aus|von|bei) ${article}(.+)`, 'remove $1 from $2'],
    [`(?:bitte )?(?:lösche|entferne|streiche) ${article}(.+)`, 'remove $1'],
    [`(?:bitte )?mache? ${article}(.+?) (?:zum pflichtfeld|zur pflicht|verpflichtend|pflicht)`, 'make $1 required'],
    [`${article}(.+?) (?:ist|soll) (?:ein )?pflicht(?:feld)?(?: sein)?`, 'make $1 required'],
    [`${article}(.+?) (?:muss|soll) eindeutig sein`, 'make $1 unique'],
    [`(?:bitte )?sortiere ${article}(.+?) nach (.+)`, 'sort $1 by $2'],
    [`(?:bitte )?blende ${article}(.+?) (?:in|bei|aus) ${article}(.+?) aus`, 'hide $1 of $2'],
    [`(?:bitte )?blende ${article}(.+?) aus`, 'hide $1'],
    [`(?:bitte )?(?:zeige|blende) ${article}(.+?) (?:in|bei) ${article}(.+?) (?:an|ein)`, 'show $1 of $2'],
    [`(?:bitte )?(?:zeige|blende) ${article}(.+?) (?:in der liste )?(?:an|ein)`, 'show $1'],
    [
      '(?:ich|wir) (?:möchten?|wollen|will|würden? gerne?) (.+?) (?:verwalten|erfassen|festhalten|verfolgen|speichern|notieren|sammeln|organisieren)',
      'track $1',
    ],
    [
      `(?:bitte )?(?:ändere|wandle|mache?) ${article}(.+?) (?:in|zu) (?:ein(?:e|en|em|er)? )(.+?)(?: um)?`,
      'change $1 to a $2',
    ],
    [
      '(?:bitte )?mache? (?:die app|alles|es) (?:ganz )?(blau|grün|rot|rosa|lila|gelb|braun|grau|dunkelgrün|dunkelblau)',
      'make the app $1',
    ],
  ],
  pieces: [
    ['(?:bitte )?füge? (?:(?:ein(?:e|en)?|die|eine neue) )?(?:liste (?:von|mit|der) )?([^.;]+?) hinzu', 'add $1'],
    [
      '(?:ich|wir) (?:möchten?|wollen|will) ([^:.]+?) (?:verwalten|erfassen|festhalten|verfolgen|speichern|notieren|sammeln|organisieren)',
      'track $1',
    ],
    ['verwaltung (?:von|der|meiner|unserer)', 'list of'],
    [
      'eine (?:seite|ansicht) (?:zum (?:aus)?drucken|um sie (?:auszu|zu )drucken)|eine (?:druckansicht|druckseite)',
      'a page to print them',
    ],
    [
      ',?\\s*(?:die|der|das) (?:jeweils )?(?:zu )?((?:ein(?:er|em)|de[mrn])\\s+[\\p{L}-]+) gehör(?:t|en)',
      ' that belongs to $1',
    ],
    ['gehör(?:t|en)(?: (?:jeweils|immer))?(?: zu(?:r|m)?)?', 'belongs to'],
    [
      '(?:kann|können) (?:an )?(?:mehrere[nr]?|viele[n]?) ([\\p{L}-]+) (?:besuchen|belegen|haben|teilnehmen)',
      'can join several $1',
    ],
    [
      'nimmt an (?:mehreren|vielen) ([\\p{L}-]+) teil|nehmen an (?:mehreren|vielen) ([\\p{L}-]+) teil',
      'can join several $1$2',
    ],
    ['(?:ich|wir) (?:brauchen?|hätten? gern|möchten?|wollen|will)', 'i need'],
    ['braucht|benötigt', 'needs'],
    ['ja ?/ ?nein|ja oder nein', 'yes/no'],
    ['eine liste (?:von|der|mit allen|meiner|unserer)', 'a list of'],
    ['mit', 'with'],
    ['und', 'and'],
    ['oder', 'or'],
    ['ohne', 'without'],
    ['aber', 'but'],
    ['keine[nrms]?', 'no'],
    ['für', 'for'],
    ['nur', 'only'],
    ['sieht|sehen', 'sees'],
    ['(?:mein|unser)(?:e|er|en|em|es)?', 'my'],
    ['jede(?:r|s|n|m)?', 'each'],
    ['mehrere(?:n|r)?|viele(?:n|r)?', 'several'],
    ['(?:ist|sind) (?:entweder )?', 'is '],
    ['hat|haben|enthält|enthalten', 'has'],
    ['kann|können', 'can'],
    ['pflicht(?:feld)?|verpflichtend|erforderlich', 'required'],
    ['eindeutig|einmalig', 'unique'],
    ['freiwillig|optional', 'optional'],
    ['etwas|irgendwas|irgendetwas', 'something'],
    ['welche[rsnm]?', 'which'],
    ['auch|bitte', ''],
    ['(?<=[,;.]\\s*|^|with |and |a |sees |only |has |to |remove |make )(?:der|die|das|den|dem|des)', 'the'],
    ['ein(?:e|er|en|em|es)?', 'a'],
    ['zwischen (\\d+) und (\\d+)|von (\\d+) bis (\\d+)', 'from $1$3 to $2$4'],
  ],
};
