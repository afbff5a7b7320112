/** The contract over bubblewrap, with the kernel's control groups and, as on a machine without them, with the watchdog. */
import { describeDriver } from '../../driver.contract.ts';
import { BubblewrapDriver } from './bubblewrap.ts';

const module = new URL('./bubblewrap.ts', import.meta.url).href;

for (const useCgroups of [true, false]) {
  describeDriver({
    name: useCgroups ? 'bubblewrap' : 'bubblewrap without control groups',
    make: (dataDir) => new BubblewrapDriver({ dataDir, nodePath: process.execPath, useCgroups }),
    makeElsewhere: `new (await import(${JSON.stringify(module)})).BubblewrapDriver({ dataDir, nodePath: process.execPath, useCgroups: ${useCgroups} })`,
  });
}
