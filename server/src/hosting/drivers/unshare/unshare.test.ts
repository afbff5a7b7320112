/** The contract over unshare, with the kernel's control groups and, as on a machine without them, with the watchdog. */
import { describeDriver } from '../../driver.contract.ts';
import { UnshareDriver } from './unshare.ts';

const module = new URL('./unshare.ts', import.meta.url).href;

for (const useCgroups of [true, false]) {
  describeDriver({
    name: useCgroups ? 'unshare' : 'unshare without control groups',
    make: (dataDir) => new UnshareDriver({ dataDir, nodePath: process.execPath, useCgroups }),
    makeElsewhere: `new (await import(${JSON.stringify(module)})).UnshareDriver({ dataDir, nodePath: process.execPath, useCgroups: ${useCgroups} })`,
  });
}
