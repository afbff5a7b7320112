/** `npm run password -- <address>`: lets in again who has forgotten their password. Whoever may run this owns the machine anyway. */
import { join } from 'node:path';
import { resetPassword } from '../accounts/own-account.ts';
import type { Config } from '../config.ts';
import { openDatabase } from '../db/database.ts';
import { AppError } from '../errors.ts';

export async function runPassword(config: Config): Promise<void> {
  const email = process.argv[3] ?? '';
  const folder = encodeURIComponent(join(config.runDir, 'pg-platform'));
  const { db } = openDatabase(config.databaseUrl ?? `postgresql:///vibe?host=${folder}&user=vibe`, { max: 1 });
  try {
    const { name, password } = await resetPassword(db, email).catch((error: unknown) => {
      if (error instanceof AppError) throw error;
      throw new AppError('not_running', 'unavailable', 'Vibe is not running on this data.', {
        detail: 'Start it with `npm start`, then run this in another terminal.',
      });
    });
    console.log(`\n  ${name} signs in with this password from now on, and is signed out everywhere else:\n`);
    console.log(`  ${password}\n\n  It can be changed in Settings under Account.\n`);
  } finally {
    await db.destroy();
  }
}
