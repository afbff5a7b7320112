/**
 * Runs inside an installation's sandbox: npm over /w/work, without scripts. There is no network here: npm's registry is a port of this sandbox
 * that is joined to the platform's door, and the door knows the registry alone.
 */
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

const DOOR = '/run/registry/door.sock';

const server = createServer((inside) => {
  const outside = connect(DOOR);
  for (const [one, other] of [
    [inside, outside],
    [outside, inside],
  ]) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
  inside.pipe(outside).pipe(inside);
});
server.listen(0, '127.0.0.1', () => {
  const registry = `http://127.0.0.1:${server.address().port}${process.env.REGISTRY_PATH}`;
  const words = [
    'install',
    '--ignore-scripts',
    `--registry=${registry}`,
    // whatever host a package's metadata names, the registry is asked
    '--replace-registry-host=always',
    '--omit-lockfile-registry-resolved',
    '--bin-links=false',
    '--audit=false',
    '--fund=false',
    '--progress=false',
    '--update-notifier=false',
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=500',
    '--fetch-retry-maxtimeout=2000',
    '--fetch-timeout=60000',
    '--maxsockets=12',
    '--loglevel=error',
    '--cache=/w/work/.cache',
    '--logs-max=0',
    '--userconfig=/w/none',
    '--globalconfig=/w/none-either',
  ];
  const child = spawn(process.execPath, ['/opt/npm/bin/npm-cli.js', ...words], { cwd: '/w/work', stdio: 'inherit' });
  child.on('error', (error) => {
    console.error(String(error));
    process.exit(1);
  });
  child.on('close', (code) => process.exit(code ?? 1));
});
process.on('SIGTERM', () => process.exit(143));
