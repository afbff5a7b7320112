import { describe, expect, it } from 'vitest';
import type { ChatEvent, EventPayload, EventType } from '../../../contract/events.ts';
import { exportChat } from './export.ts';

const id = (n: number) => `00000000-0000-7000-8000-00000000000${n}`;
const by = { id: id(9), name: 'Marta Lindqvist' };
let seq = 0;
const event = <T extends EventType>(type: T, payload: EventPayload<T>) =>
  ({ seq: ++seq, type, at: '2026-01-02T03:04:05.000Z', payload }) as unknown as ChatEvent;
const asked = (turnId: string, text: string) =>
  event('message.user', { turnId, messageId: id(8), text, by, database: 'staging' });
const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
const chat = { title: 'Books', app: 'Reading list', branch: 'chat/abcd1234', createdAt: '2026-01-02T03:04:05.000Z' };
const step = (turnId: string, summary: string, state: 'done' | 'refused' = 'done', declined = false) =>
  event('tool.result', { turnId, callId: summary, tool: 'read_file', state, summary, declined, ms: 1 });

describe('the export of a chat', () => {
  it('has words, answers, steps as a list, diffs in fences and questions with answers', () => {
    const text = exportChat(chat, [
      asked(id(1), 'Add notes'),
      step(id(1), 'Read a.ts'),
      step(id(1), 'Write b.ts', 'refused'),
      step(id(1), 'Olu said no (“Leave it”). Nothing was run or changed.', 'refused', true),
      step(id(1), 'Answered: Leave it', 'refused'),
      event('file.diff', {
        turnId: id(1),
        callId: 'c',
        files: [
          {
            path: 'src/a.ts',
            change: 'M',
            additions: 1,
            deletions: 1,
            cut: false,
            hunks: [
              {
                oldStart: 1,
                newStart: 1,
                heading: '',
                lines: [
                  { kind: '-', text: 'old' },
                  { kind: '+', text: '```` four' },
                ],
              },
            ],
          },
        ],
      }),
      event('question.asked', {
        turnId: id(1),
        callId: 'q',
        questionId: id(7),
        question: 'Which?',
        options: [{ label: 'This' }],
        allowText: true,
      }),
      event('question.answered', { turnId: id(1), questionId: id(7), answer: 'This', by }),
      event('message.assistant', { turnId: id(1), messageId: id(6), text: 'Done, **really**.', partial: false }),
    ]);
    expect(text).toMatch(/^# Books\n\nApp: Reading list · Branch: `chat\/abcd1234`/);
    expect(text).toContain('## Marta Lindqvist, 2026-01-02 03:04 UTC\n\n> Add notes');
    expect(text).toContain(
      '<summary>4 steps</summary>\n\n- Read a.ts\n- Not allowed: Write b.ts\n- Olu said no (“Leave it”). ',
    );
    // as it was written before
    expect(text).toContain('- The answer was “Leave it”. Nothing was run or changed.');
    expect(text).toContain('`````diff\n@@ -1 +1 @@\n-old\n+```` four\n`````');
    expect(text).toContain('> **Which?**\n> - This\n\n> Marta Lindqvist answered: This');
    expect(text).toContain('\n\nDone, **really**.\n');
  });

  it('marks what was taken back, with what went with it, and leaves out what was withdrawn', () => {
    const events = [
      asked(id(1), 'First'),
      asked(id(2), 'Second'),
      asked(id(3), 'Never mind'),
      event('turn.ended', { turnId: id(3), outcome: 'withdrawn', commit: null, files: 0, usage, costMicros: 0, ms: 0 }),
      event('turn.undone', { turnId: id(1), by, files: 1, commit: null, redone: false, with: [id(2)] }),
    ];
    const text = exportChat(chat, events);
    expect(text.match(/\(taken back\)/g)).toHaveLength(2);
    expect(text).not.toContain('Never mind');
    const back = event('turn.undone', { turnId: id(1), by, files: 1, commit: null, redone: true, with: [id(2)] });
    expect(exportChat(chat, [...events, back])).not.toContain('taken back');
  });

  it('has the last words of a message that was edited while it waited', () => {
    const edit = event('message.edited', { turnId: id(1), text: 'Now this', by, mode: 'build' });
    const text = exportChat(chat, [asked(id(1), 'First this'), edit]);
    expect(text).toContain('> Now this');
    expect(text).not.toContain('First this');
  });

  it('lets nobody write headings or HTML with what they say', () => {
    const text = exportChat(chat, [asked(id(1), '# Big\n<script>alert(1)</script>')]);
    expect(text).toContain('> \\# Big\n> \\<script\\>');
  });
});
