import { describe, expect, it } from 'vitest';
import { measureContext, shareTokens } from './context.ts';

describe('what fills a context', () => {
  it('is measured by part: the spec and files that were read are named apart from the turn', () => {
    const measured = measureContext(
      [
        { role: 'system', content: 'x'.repeat(98) },
        { role: 'user', content: [{ type: 'text', text: 'before' }] },
        { role: 'assistant', content: [{ type: 'text', text: 'said' }] },
        { role: 'user', content: [{ type: 'text', text: 'now' }] },
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              toolCallId: 'a',
              toolName: 'read_spec',
              output: { type: 'json', value: 's'.repeat(500) },
            },
            {
              type: 'tool-result',
              toolCallId: 'b',
              toolName: 'read_file',
              output: { type: 'json', value: 'f'.repeat(900) },
            },
          ],
        },
      ],
      [],
    );
    expect(measured.instructions).toBe(100);
    expect(measured.spec).toBeGreaterThan(500);
    expect(measured.files).toBeGreaterThan(900);
    expect(measured.turn).toBeLessThan(100);
    expect(measured.history).toBeGreaterThan(50);
  });

  it('is shared out so that the parts add up to what the provider counted', () => {
    const shares = shareTokens({ instructions: 1, tools: 1, history: 1 }, 100);
    expect(shares.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(100);
    expect(shares.map(({ tokens }) => tokens)).toEqual([33, 34, 33]);
  });
});
