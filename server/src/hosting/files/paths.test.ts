/** The rules for names, each with a name that breaks it. */
import { describe, expect, it } from 'vitest';
import { checkPath, type PathUse } from './paths.ts';

const code = (path: string, use: PathUse = 'write') => {
  const checked = checkPath(path, use);
  return checked.ok ? 'ok' : checked.code;
};

describe('a path', () => {
  it('that SvelteKit uses is allowed', () => {
    const names = [
      'src/routes/+page.svelte',
      'src/routes/(app)/[id=int]/+server.ts',
      'src/routes/[...rest]/+page.ts',
      'src/app.css',
    ];
    names.push(
      'src/lib/Über uns.svelte',
      'static/写真.png',
      'src/routes/[[lang]]/@x/+layout.svelte',
      'src/lib/a.b.c-d_e.svelte.ts',
    );
    for (const name of names) expect([name, code(name)]).toEqual([name, 'ok']);
  });

  it.each([
    ['../x', 'path_outside'],
    ['src/../../x', 'path_outside'],
    ['src/./x', 'path_outside'],
    ['..', 'path_outside'],
    ['/etc/passwd', 'path_absolute'],
    ['C:/x', 'name_characters'],
    ['src\\x', 'path_backslash'],
    ['..\\x', 'path_backslash'],
    ['src/a\0b', 'path_control'],
    ['src/a\nb', 'path_control'],
    ['src/a\u009bb', 'path_control'],
    ['', 'path_empty'],
    ['src//x', 'path_malformed'],
    ['src/', 'path_malformed'],
    [`${'a/'.repeat(16)}x`, 'path_deep'],
    ['x'.repeat(256), 'name_long'],
    ['é'.repeat(128), 'name_long'],
    [`${`${'x'.repeat(200)}/`.repeat(5)}${'x'.repeat(100)}`, 'path_long'],
    ['src/a.', 'name_edges'],
    ['src/a ', 'name_edges'],
    ['src/ a', 'name_edges'],
    ['src /x', 'name_edges'],
    ['src/a\u202etxt', 'name_unicode'],
    ['src/a\u200bb', 'name_unicode'],
    ['src/\ufeffb', 'name_unicode'],
    ['src/a\u00adb', 'name_unicode'],
    ['src/\ud800', 'name_unicode'],
    ['src/e\u0301', 'name_unicode'],
    ['src/\uff41pp', 'name_unicode'],
    ['src/ﬁle', 'name_unicode'],
    ['src/a\u00a0b', 'name_unicode'],
    ['src/\u3164', 'name_unicode'],
    ['src/a\ufe0f', 'name_unicode'],
    ['src/p\u0430ge', 'name_unicode'],
    ['.git/config', 'path_reserved'],
    ['.GIT/config', 'path_reserved'],
    ['src/.git', 'path_reserved'],
    ['git~1/config', 'path_reserved'],
    ['.gitattributes', 'path_reserved'],
    ['.gitmodules', 'path_reserved'],
    ['.env', 'path_reserved'],
    ['src/.Env.local', 'path_reserved'],
    ['.npmrc', 'path_reserved'],
    ['.svelte-kit/x', 'path_reserved'],
    ['node_modules/x', 'path_reserved'],
    ['src/Node_Modules/x', 'path_reserved'],
    ['changes/1.sql', 'path_reserved'],
    ['Changes/1.sql', 'path_reserved'],
    ['spec.json', 'path_reserved'],
    ['SPEC.json', 'path_reserved'],
    ['vibe.json', 'path_reserved'],
  ])('%j is refused as %s', (path, expected) => {
    expect(code(path)).toBe(expected);
  });

  it('that is reserved for writing may be read, secrets not', () => {
    expect([code('changes/1.sql', 'read'), code('spec.json', 'read'), code('', 'read')]).toEqual(['ok', 'ok', 'ok']);
    expect([code('.env', 'read'), code('.git/config', 'read')]).toEqual(['path_reserved', 'path_reserved']);
  });

  it('of the platform may be the spec and the changes, spelled exactly so', () => {
    for (const path of ['spec.json', 'changes/1.sql', '.gitignore', '.env.example'])
      expect(code(path, 'platform')).toBe('ok');
    for (const path of ['Spec.json', 'CHANGES/1.sql', '.git/x', '../x', '.svelte-kit/x', 'node_modules/x']) {
      expect(code(path, 'platform')).not.toBe('ok');
    }
  });

  it('is shown without the characters that it was refused for', () => {
    const checked = checkPath('a\u202eb\0', 'write');
    expect(checked).toMatchObject({ ok: false, path: 'a\ufffdb\ufffd' });
  });
});
