/** What the browser's sandbox sees: the browser, its driver, the door. No app, no data, no network. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InstancePlan } from '../plans.ts';
import type { FoundChromium } from './find-chromium.ts';

/** Measured: Chromium with one page takes 250 to 400 MB in five processes with some hundred threads. */
const LIMITS = { memoryMb: 1_280, processes: 700, cpuPercent: 200, fileSizeMb: 128, openFiles: 4_096 };

export function browserPlan(chromium: FoundChromium, doorFolder: string): InstancePlan {
  const packageOf = (name: string) => dirname(fileURLToPath(import.meta.resolve(name)));
  return {
    spec: {
      id: 'browser',
      command: ['node', '--no-warnings', '/w/runners/browser.mjs'],
      env: {
        CHROMIUM: chromium.executable,
        FONTCONFIG_FILE: '/w/runners/browser-fonts.conf',
        XDG_CACHE_HOME: '/tmp',
        NODE_OPTIONS: '--max-old-space-size=256',
        ...chromium.env,
      },
      mounts: [
        ...chromium.mounts,
        { source: fileURLToPath(new URL('../runners', import.meta.url)), target: '/w/runners', mode: 'ro' },
        { source: packageOf('playwright-core/package.json'), target: '/w/node_modules/playwright-core', mode: 'ro' },
        { source: packageOf('axe-core'), target: '/w/axe', mode: 'ro' },
        { source: doorFolder, target: '/run/door', mode: 'ro' },
      ],
      tmpfs: [{ target: '/tmp', sizeMb: 384 }],
      workdir: '/w',
      limits: LIMITS,
      stdin: 'ignore',
    },
    socket: 'http.sock',
    graceMs: 500,
  };
}
