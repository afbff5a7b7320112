import { describe, expect, it } from 'vitest';
import type { ChatEvent, EventPayload, EventType } from '../../../../contract/events.ts';
import { applyDelta, applyEvent, emptyThread, type Thread, type Turn } from './projection.ts';

const by = { id: '00000000-0000-7000-8000-000000000001', name: 'Marta' };
const turnId = '00000000-0000-7000-8000-000000000002';
const messageId = '00000000-0000-7000-8000-000000000003';
let seq = 0;
const event = <T extends EventType>(type: T, payload: EventPayload<T>) =>
  ({ seq: ++seq, type, at: '2026-01-01T00:00:00Z', payload }) as unknown as ChatEvent;
const play = (...events: ChatEvent[]): Thread => events.reduce(applyEvent, emptyThread());
const asked = () => event('message.user', { turnId, messageId, text: 'Hello', by, database: 'staging' });
const turnOf = (thread: Thread) => thread.entries[0] as Turn;
const delta = (offset: number, text: string) => ({
  type: 'message.delta' as const,
  chatId: turnId,
  turnId,
  messageId,
  offset,
  text,
});
const usage = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0 };

describe('the thread', () => {
  it('shows a turn that waits as soon as it was asked', () => {
    seq = 0;
    expect(turnOf(play(asked()))).toMatchObject({ state: 'queued', asked: { text: 'Hello', by: 'Marta' } });
  });

  it('ignores an event that it has seen', () => {
    seq = 0;
    const first = asked();
    expect(play(first, first).entries).toHaveLength(1);
  });

  it('puts streamed pieces together by their offset, and lets the stored message replace them', () => {
    seq = 0;
    let thread = play(asked());
    for (const piece of [delta(0, 'Good '), delta(5, 'mor'), delta(8, 'ning')]) thread = applyDelta(thread, piece);
    expect(turnOf(thread).items).toMatchObject([{ text: 'Good morning', streaming: true }]);
    thread = applyEvent(
      thread,
      event('message.assistant', { turnId, messageId, text: 'Good morning!', partial: false }),
    );
    expect(turnOf(thread).items).toMatchObject([{ text: 'Good morning!', streaming: false }]);
  });

  it('leaves a piece out that does not fit, takes a whole copy, and begins anew when a step is tried again', () => {
    seq = 0;
    const thread = applyDelta(play(asked()), delta(7, 'lost'));
    expect(turnOf(thread).items).toEqual([]);
    const whole = applyDelta(thread, delta(0, 'All of it'));
    expect(turnOf(applyDelta(whole, delta(0, 'All'))).items).toMatchObject([{ text: 'All of it' }]);
    expect(turnOf(applyDelta(whole, delta(0, 'Again'))).items).toMatchObject([{ text: 'Again' }]);
  });

  it('forgets unfinished text when the turn ends without storing it', () => {
    seq = 0;
    const running = applyDelta(play(asked()), delta(0, 'Half'));
    const ended = applyEvent(
      running,
      event('turn.ended', {
        turnId,
        outcome: 'failed',
        reason: 'It broke.',
        commit: null,
        files: 0,
        usage,
        costMicros: null,
        ms: 5,
      }),
    );
    expect(turnOf(ended)).toMatchObject({ items: [], outcome: 'failed', reason: 'It broke.', tokens: 3 });
  });

  it('takes a withdrawn message away, and marks an undone turn until it is redone', () => {
    seq = 0;
    const thread = play(asked());
    expect(
      applyEvent(
        thread,
        event('turn.ended', { turnId, outcome: 'withdrawn', commit: null, files: 0, usage, costMicros: 0, ms: 0 }),
      ).entries,
    ).toEqual([]);
    const undone = applyEvent(thread, event('turn.undone', { turnId, by, files: 1, commit: null, redone: false }));
    expect(turnOf(undone).undone).toBe(true);
    expect(
      turnOf(applyEvent(undone, event('turn.undone', { turnId, by, files: 1, commit: null, redone: true }))).undone,
    ).toBe(false);
  });

  it('shows the last words of a message that was edited while it waited, and what event they are from', () => {
    seq = 0;
    const thread = play(asked(), event('message.edited', { turnId, text: 'Goodbye', by, mode: 'plan' }));
    expect(turnOf(thread)).toMatchObject({ mode: 'plan', state: 'queued', asked: { text: 'Goodbye', seq: 2 } });
  });

  it('marks all turns that were taken back together, and all of them again when they come back', () => {
    seq = 0;
    const other = '00000000-0000-7000-8000-000000000005';
    const thread = play(
      asked(),
      event('message.user', { turnId: other, messageId, text: 'More', by, database: 'staging' }),
      event('turn.undone', { turnId, by, files: 1, commit: null, redone: false, with: [other] }),
    );
    expect(thread.entries.map((entry) => (entry as Turn).undone)).toEqual([true, true]);
    const back = event('turn.undone', { turnId, by, files: 1, commit: null, redone: true, with: [other] });
    expect(applyEvent(thread, back).entries.map((entry) => (entry as Turn).undone)).toEqual([false, false]);
  });

  it('follows a question to its answer', () => {
    seq = 0;
    const questionId = '00000000-0000-7000-8000-000000000004';
    const thread = play(
      asked(),
      event('question.asked', { turnId, callId: 'c', questionId, question: 'Which?', options: [], allowText: true }),
    );
    expect(turnOf(thread).state).toBe('waiting');
    const answered = applyEvent(thread, event('question.answered', { turnId, questionId, answer: 'This', by }));
    expect(turnOf(answered)).toMatchObject({ state: 'running', items: [{ kind: 'question', answer: 'This' }] });
  });
});
