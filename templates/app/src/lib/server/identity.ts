import { importSPKI, jwtVerify } from 'jose';

export interface Person {
  id: string;
  name: string;
  email: string;
  role: string;
}

/** The person that a signed identity token names, or nothing when it is missing, expired, or meant for another app. */
export async function readPerson(
  token: string | null,
  publicKey: string | undefined,
  audience: string | undefined,
): Promise<Person | undefined> {
  if (!token || !publicKey || !audience) return undefined;
  try {
    const key = await importSPKI(publicKey.replaceAll('\\n', '\n'), 'EdDSA');
    const { payload } = await jwtVerify(token, key, { audience, algorithms: ['EdDSA'], clockTolerance: 5 });
    if (!payload.sub) return undefined;
    const claim = (name: string) => (typeof payload[name] === 'string' ? payload[name] : '');
    return { id: payload.sub, name: claim('name'), email: claim('email'), role: claim('role') };
  } catch {
    return undefined;
  }
}
