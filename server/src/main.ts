/**
 * The entry point. One code, three roles: `launch` starts and watches the others on one machine, `host` is a node's front door, `web`
 * serves the API and works on turns, `doctor` looks whether all is well, `password` lets in
 * again who has forgotten theirs. What each is made of is put together in main/<role>.ts and nowhere else.
 */
import { type Config, ConfigError, readConfig } from './config.ts';
import { AppError } from './errors.ts';

// a process loads what its own role needs and no more: that is memory, and time to start
const roles: Record<string, () => Promise<(config: Config) => Promise<void>>> = {
  launch: async () => (await import('./main/launch.ts')).runLauncher,
  host: async () => (await import('./main/host.ts')).runHost,
  web: async () => (await import('./main/web.ts')).runWeb,
  doctor: async () => (await import('./main/doctor.ts')).runDoctor,
  password: async () => (await import('./main/password.ts')).runPassword,
};
const role = process.argv[2] ?? 'launch';

try {
  const load = Object.hasOwn(roles, role) ? roles[role] : undefined;
  if (!load) throw new ConfigError(`There is no role ${role}. Roles: ${Object.keys(roles).join(', ')}.`);
  const config = readConfig(process.env);
  await (await load())(config);
} catch (error) {
  if (error instanceof ConfigError) console.error(`Settings: ${error.message}`);
  else if (error instanceof AppError && error.kind !== 'bug')
    console.error(error.detail ? `${error.message} ${error.detail}` : error.message);
  else console.error(error);
  process.exit(1);
}
