/** A chat's first title, made from what was asked: the first sentence without its politeness, cut at a word. */
const LONGEST = 48;
const LEAD =
  /^(?:(?:hi|hello|hey)\b[\s,!.]*|please\s+|(?:can|could|would) you\s+(?:please\s+)?|(?:i(?:'d| would) like|i want|i need|we need|make|build|create)\s+(?:me\s+|us\s+)?(?:to (?:have|make|build|create)\s+)?|(?:an?|the|some)\s+(?:app|tool|page|website)\s+(?:for|to|that)\s+|(?:an?|the)\s+)+/i;

export function titleOf(message: string): string {
  const sentence = (message.trim().split(/\n|(?<=[.!?])\s/)[0] ?? '').replace(/\s+/g, ' ').trim();
  const bare = sentence.replace(LEAD, '').replace(/[.!?:;,\s]+$/, '') || sentence || 'New chat';
  const head = bare.length > LONGEST ? bare.split(/\s+(?:with|that|where|which|containing)\s+/i)[0]! : bare;
  const cut = head.length > LONGEST ? `${head.slice(0, LONGEST).replace(/\s+\S*$/, '')}…` : head;
  return cut.charAt(0).toUpperCase() + cut.slice(1);
}
