/** Markdown to elements: paragraphs, lists, emphasis, code, links. No HTML of the text ever becomes HTML of the page. */
import ReactMarkdown from 'react-markdown';

export default function Markdown({ text }: { text: string }) {
  return (
    <ReactMarkdown
      skipHtml
      allowedElements={[
        'p',
        'ul',
        'ol',
        'li',
        'strong',
        'em',
        'code',
        'pre',
        'a',
        'h1',
        'h2',
        'h3',
        'h4',
        'blockquote',
        'br',
        'hr',
      ]}
      unwrapDisallowed
      components={{
        a: ({ href, children }) => (
          <a href={href} target="_blank" rel="noreferrer">
            {children}
          </a>
        ),
        h1: ({ children }) => <p className="font-strong">{children}</p>,
        h2: ({ children }) => <p className="font-strong">{children}</p>,
        h3: ({ children }) => <p className="font-strong">{children}</p>,
      }}
    >
      {text}
    </ReactMarkdown>
  );
}
