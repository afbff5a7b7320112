/** Where a container's live database is, over HTTP. Only an owner decides; what lets one in is taken and never given back. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  giveUpSchema,
  leftoverSchema,
  outsideAddressSchema,
  outsideCheckSchema,
  outsideSchema,
} from '../../../../contract/outside.ts';
import { AppError } from '../../errors.ts';
import { listLeftovers } from '../../hosting/data/leftovers.ts';
import { readOutside } from '../../hosting/data/outside.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf, containerOf } from '../plugins/access.ts';

const tags = ['live'];
const config = { permission: 'signed-in' as const };

/** @throws AppError `not_allowed` */
function owned(request: FastifyRequest) {
  const container = containerOf(request);
  if (container.role !== 'owner')
    throw new AppError('not_allowed', 'forbidden', 'Only an owner may decide where the live database is.');
  return { containerId: container.id, by: accessOf(request).user.id };
}

/** @returns the container's id @throws AppError `not_allowed` */
function managed(request: FastifyRequest): string {
  const { id, role } = containerOf(request);
  if (role === 'member')
    throw new AppError('not_allowed', 'forbidden', 'Only an owner or admin of the container may see this.');
  return id;
}

export function outsideRoutes(api: Api, { db, host }: Platform): void {
  const answer = (containerId: string, mayChange: boolean) => readOutside(db, containerId, mayChange);

  api.get(
    '/api/data/outside',
    { config, schema: { tags, description: 'Where the live database is.', response: { 200: outsideSchema } } },
    async (request) => {
      return answer(managed(request), containerOf(request).role === 'owner');
    },
  );

  api.post(
    '/api/data/outside/check',
    {
      config,
      schema: {
        tags,
        description:
          'Looks at an address, or with null at the one that is kept: what is missing, each with its fix. Keeps nothing.',
        body: z.object({ address: outsideAddressSchema.nullable() }),
        response: { 200: outsideCheckSchema },
      },
    },
    async (request) => host.checkOutside({ containerId: owned(request).containerId, address: request.body.address }),
  );

  api.put(
    '/api/data/outside',
    {
      config,
      schema: {
        tags,
        description:
          'Keeps an address that fits. Once an app has its rows there, only the password and the certificate may change.',
        body: outsideAddressSchema,
        response: { 200: outsideSchema },
      },
    },
    async (request) => {
      const who = owned(request);
      await host.keepOutside({ ...who, address: request.body });
      return answer(who.containerId, true);
    },
  );

  api.delete(
    '/api/data/outside',
    { config, schema: { tags, description: 'Back to this server.', response: { 200: outsideSchema } } },
    async (request) => {
      const who = owned(request);
      await host.leaveOutside(who);
      return answer(who.containerId, true);
    },
  );

  api.post(
    '/api/data/outside/give-up',
    {
      config,
      schema: {
        tags,
        description:
          'Gives up a live database that does not answer: its apps go back to staging with the rows that the copy there has, and can be given a live database again. What live has written since the copy last followed is lost.',
        body: giveUpSchema,
        response: { 200: outsideSchema },
      },
    },
    async (request) => {
      const who = owned(request);
      await host.giveUpOutside({ ...who, typed: request.body.host });
      return answer(who.containerId, true);
    },
  );

  api.get(
    '/api/data/leftovers',
    {
      config,
      schema: {
        tags,
        description: 'What is still on a live database that did not answer, with what removes it there.',
        response: { 200: z.object({ items: z.array(leftoverSchema), next: z.null() }) },
      },
    },
    async (request) => ({ items: await listLeftovers(db, managed(request)), next: null }),
  );

  api.delete(
    '/api/data/leftovers/:id',
    {
      config,
      schema: {
        tags,
        description: 'Says that a person has removed it there: it is not tried and not shown any more.',
        params: z.object({ id: z.uuid() }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await host.forgetLeftover({
        containerId: managed(request),
        id: request.params.id,
        by: accessOf(request).user.id,
      });
      return reply.code(204).send(null);
    },
  );
}
