/** `make this change on live too`: done by a tool, under a pill that a person has set. */
const asks = [
  /^(?:please |can you |could you |now )*(?:apply|make|run|do|put|bring|add|create|repeat)\b.{0,80}\b(?:on|to|in) (?:the )?(?:live|production)(?: (?:database|too|as well|also))*[.!]*$/iu,
  /^(?:bitte |jetzt )*(?:mach(?:e)?|bring(?:e)?|füge?|übertrag(?:e)?|wende)\b.{0,80}\b(?:auf|in|zu)(?: die| der)? (?:live|produktion)(?:-?datenbank)?(?: (?:auch|an))*[.!]*$/iu,
  /^(?:applique|fais|mets|ajoute)\b.{0,80}\b(?:sur|en|dans) (?:la )?(?:base )?(?:live|production)(?: aussi)?[.!]*$/iu,
  /^(?:aplica|haz|pon|añade)\b.{0,80}\b(?:en) (?:la )?(?:base )?(?:live|producción)(?: también)?[.!]*$/iu,
];

/** Whether a message asks for the chat's changes on live. A wish for something new is none. */
export const wantsLive = (message: string): boolean => {
  const text = message.trim();
  return (
    asks.some((pattern) => pattern.test(text)) && !/\b(?:field|column|list|table|page|feld|spalte|liste)\b/i.test(text)
  );
};
