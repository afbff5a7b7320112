/**
 * Secrets of the installation. One master key in a private file wraps each organisation's data key (AES-256-GCM); signing keys
 * are derived from it or stand beside it. Losing the file loses the transcripts: back it up with the data.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';

const VERSION = 1;
const NONCE = 12;
const TAG = 16;

export class Keyring {
  readonly #master: Buffer;
  readonly identityPrivateKey: KeyObject;

  constructor(master: Buffer, identityPrivateKey: KeyObject) {
    this.#master = master;
    this.identityPrivateKey = identityPrivateKey;
  }

  /** 32 bytes for one purpose, the same for the same name as long as the master key lives. */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#master, '', purpose, 32));
  }

  /** SPKI PEM of the key that signs the identity header for apps. */
  identityPublicKey(): string {
    return createPublicKey(this.identityPrivateKey).export({ type: 'spki', format: 'pem' }).toString();
  }

  /** A fresh data key, wrapped for storage. */
  newDataKey(): Buffer {
    return encrypt(this.#master, randomBytes(32), 'data-key');
  }

  /** @throws AppError `key_mismatch` when the data was written under another master key */
  openDataKey(wrapped: Buffer): Buffer {
    return decrypt(this.#master, wrapped, 'data-key');
  }
}

/** Reads the installation's keys, or makes them on the first start. Two processes that start together get the same ones. */
export async function openKeyring(folder: string): Promise<Keyring> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const master = await readOrCreate(join(folder, 'master.key'), () => randomBytes(32));
  const pem = await readOrCreate(join(folder, 'identity.pem'), () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    return Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  });
  if (master.length !== 32)
    throw new AppError('key_broken', 'unavailable', `${join(folder, 'master.key')} is not a key of 32 bytes.`);
  return new Keyring(master, createPrivateKey(pem));
}

async function readOrCreate(file: string, make: () => Buffer): Promise<Buffer> {
  const found = await readFile(file).catch(() => undefined);
  if (found) return found;
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(fresh, make(), { mode: 0o600, flush: true });
  await link(fresh, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(fresh, { force: true });
  return readFile(file);
}

/**
 * AES-256-GCM. Layout: version (1 byte), nonce (12), tag (16), ciphertext.
 * @param context binds the ciphertext to where it is stored, so that a row copied elsewhere does not open
 */
export function encrypt(key: Buffer, plain: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]);
}

/** @throws AppError `key_mismatch` when key, context or ciphertext do not belong together */
export function decrypt(key: Buffer, sealed: Buffer, context: string): Buffer {
  try {
    if (sealed[0] !== VERSION) throw new Error('unknown version');
    const nonce = sealed.subarray(1, 1 + NONCE);
    const tag = sealed.subarray(1 + NONCE, 1 + NONCE + TAG);
    // without a fixed length a tag cut to four bytes would do, and can be guessed
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE + TAG)), decipher.final()]);
  } catch (cause) {
    throw new AppError('key_mismatch', 'bug', 'Stored data could not be decrypted with the key of this installation.', {
      cause,
    });
  }
}
