/** How much may be added to a message; apart from the schemas, so that the page that says so needs none of them. */

export const MOST_ATTACHMENTS = 10;
const MB = 1024 * 1024;
/** What providers take: a larger picture is refused, or made smaller in the browser before it is sent. */
export const LARGEST = { image: 3.5 * MB, text: 1 * MB, file: 8 * MB };
export const LONGEST_SIDE = 8000;
