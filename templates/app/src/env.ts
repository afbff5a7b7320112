import { defineEnvVars } from '@sveltejs/kit/env';
import { z } from 'zod';

export const variables = defineEnvVars({
  VIBE_IDENTITY_PUBLIC_KEY: {
    schema: z.string().optional(),
    description: 'The key (SPKI PEM) that tells who signed in. Without it, nobody gets in.',
  },
  VIBE_APP_AUDIENCE: {
    schema: z.string().optional(),
    description: 'The name under which this app is signed in to.',
  },
});
