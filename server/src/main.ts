/**
 * The entry point. One code, three roles: `launch` starts and watches the others on one machine, `host` is a node's front door, `web`
 * serves the API and works on turns, `doctor` looks whether all is well, `password` lets in
 * again who has forgotten theirs. What each is made of is put together in main/<role>.ts and nowhere else.
 */
import { ConfigError, readConfig } from './config.ts';
import { AppError } from './errors.ts';
import { runDoctor } from './main/doctor.ts';
import { runHost } from './main/host.ts';
import { runLauncher } from './main/launch.ts';
import { runPassword } from './main/password.ts';
import { runWeb } from './main/web.ts';

const roles = { launch: runLauncher, host: runHost, web: runWeb, doctor: runDoctor, password: runPassword };
const role = process.argv[2] ?? 'launch';

try {
  const start = roles[role as keyof typeof roles];
  if (!start) throw new ConfigError(`There is no role ${role}. Roles: ${Object.keys(roles).join(', ')}.`);
  await start(readConfig(process.env));
} catch (error) {
  if (error instanceof ConfigError) console.error(`Settings: ${error.message}`);
  else if (error instanceof AppError && error.kind !== 'bug')
    console.error(error.detail ? `${error.message} ${error.detail}` : error.message);
  else console.error(error);
  process.exit(1);
}
