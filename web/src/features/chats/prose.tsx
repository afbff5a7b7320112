/** What an assistant says, as Markdown. The renderer is loaded when the first answer is shown. */
import { lazy, Suspense } from 'react';

const Markdown = lazy(() => import('./markdown.tsx'));

export const Prose = ({ text }: { text: string }) => (
  <div className="prose-vibe">
    <Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
      <Markdown text={text} />
    </Suspense>
  </div>
);
