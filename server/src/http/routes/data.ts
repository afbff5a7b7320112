/** The Data page over HTTP: tables, rows, the console, who did what, rules and the freeze. All of it is about the container of the call. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  bringBackSchema,
  broughtBackSchema,
  cellQuery,
  changeRef,
  changeRowSchema,
  changesQuery,
  consoleOutcomeSchema,
  dataBackSchema,
  dataCallSchema,
  dataCellSchema,
  dataChangeSchema,
  dataDroppedSchema,
  dataRowsSchema,
  dataRuleSchema,
  dataTablesSchema,
  describeTableSchema,
  effectiveQuery,
  effectiveRuleSchema,
  freezeSchema,
  putFreezeSchema,
  removeBackSchema,
  rowsQuery,
  runSqlSchema,
  setRuleSchema,
} from '../../../../contract/data.ts';
import { findApp } from '../../apps/launcher.ts';
import { describeByPerson } from '../../apps/table-registry.ts';
import { maybe, sql } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { listOwnCalls } from '../../hosting/data/calls.ts';
import { listChanges, openChange } from '../../hosting/data/changes.ts';
import { listRules, rulesFor, setRule } from '../../hosting/data/rules.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf, containerOf } from '../plugins/access.ts';

const tags = ['data'];
const config = { permission: 'signed-in' as const };
const params = z.object({ id: z.uuid() });

/** @throws AppError `not_allowed` */
function managed(request: FastifyRequest) {
  const container = containerOf(request);
  if (container.role === 'member')
    throw new AppError('not_allowed', 'forbidden', 'Only an owner or admin of the container may do this.');
  return container;
}

export function dataRoutes(api: Api, platform: Platform): void {
  const { db, keys, host } = platform;
  const page = (item: z.ZodType, next: z.ZodType = z.string().nullable()) => z.object({ items: z.array(item), next });
  /** Of the container that the call is about. @throws AppError `app_not_found` */
  const app = async (request: FastifyRequest, appId: string) => {
    const container = containerOf(request);
    return findApp(db, { ...accessOf(request), containers: [container] }, appId);
  };
  const about = (request: FastifyRequest) => ({
    containerId: containerOf(request).id,
    by: accessOf(request).user.id,
  });

  api.get(
    '/api/data/tables',
    {
      config,
      schema: {
        tags,
        description: 'Every app’s tables on staging and live, side by side. Drafts of chats are not here.',
        response: { 200: dataTablesSchema },
      },
    },
    async (request) => {
      const { apps, bytes } = await host.dataTables({ containerId: containerOf(request).id });
      return { items: apps, next: null, bytes };
    },
  );

  api.put(
    '/api/data/tables',
    {
      config,
      schema: {
        tags,
        description:
          'Says what a table is for and in which databases it lives. Assistants are told, and leave it as it is.',
        body: describeTableSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      managed(request);
      const { appId, ...said } = request.body;
      const { mode } = await app(request, appId);
      if (mode === 'vibe-coded' && said.home !== 'staging')
        throw new AppError('no_live', 'conflict', 'This app has no live database: its tables live on staging.');
      await describeByPerson(db, { appId }, accessOf(request).user.id, said);
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/api/data/kept',
    {
      config,
      schema: {
        tags,
        description: 'Tables and columns that releases have dropped in the last 48 hours, with what is kept of them.',
        response: { 200: page(dataDroppedSchema, z.null()) },
      },
    },
    async (request) => ({ ...(await host.dataKept({ containerId: containerOf(request).id })), next: null }),
  );

  api.post(
    '/api/data/kept',
    {
      config,
      schema: {
        tags,
        description:
          'Brings a dropped table or column back beside what is there, under its name and the release’s number. Repeating it finds it there.',
        body: bringBackSchema,
        response: { 200: broughtBackSchema },
      },
    },
    async (request) => {
      managed(request);
      return host.bringBack({ ...request.body, ...about(request) });
    },
  );

  api.get(
    '/api/data/back',
    {
      config,
      schema: {
        tags,
        description: 'Tables and columns that were brought back and that no change of the app uses.',
        response: { 200: page(dataBackSchema, z.null()) },
      },
    },
    async (request) => ({ ...(await host.dataBack({ containerId: containerOf(request).id })), next: null }),
  );

  api.post(
    '/api/data/back/remove',
    {
      config,
      schema: {
        tags,
        description: 'Removes what was brought back, with its rows, for good.',
        body: removeBackSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      managed(request);
      await host.removeBack({ ...request.body, ...about(request) });
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/api/data/rows',
    {
      config,
      schema: {
        tags,
        description: 'A page of a table along its primary key, with the beginning of long values.',
        querystring: rowsQuery,
        response: { 200: dataRowsSchema },
      },
    },
    async (request) => host.dataRows({ ...request.query, ...about(request) }),
  );

  api.get(
    '/api/data/cell',
    {
      config,
      schema: { tags, description: 'One value as a whole.', querystring: cellQuery, response: { 200: dataCellSchema } },
    },
    async (request) => host.dataCell({ ...request.query, ...about(request) }),
  );

  api.post(
    '/api/data/rows',
    {
      config,
      schema: {
        tags,
        description:
          'Adds, changes or removes one row: as a statement of the console, by its rules. What changes rows in use is not run: the answer is a question, with the exact statement.',
        body: changeRowSchema,
        response: { 200: consoleOutcomeSchema },
      },
    },
    async (request) => host.changeRow({ ...request.body, ...about(request) }),
  );

  api.post(
    '/api/data/sql',
    {
      config,
      schema: {
        tags,
        description:
          'One statement, by the same rules as a model’s. What changes rows in use is not run: the answer is a question, with the exact statement and how many rows it would change.',
        body: runSqlSchema,
        response: { 200: consoleOutcomeSchema },
      },
    },
    async (request) => host.consoleSql({ ...request.body, ...about(request) }),
  );

  api.post(
    '/api/data/asks/:id/agree',
    {
      config,
      schema: {
        tags,
        description:
          'Yes to a question of one’s own: runs what it showed, and asks again if that were more rows by now.',
        params,
        response: { 200: consoleOutcomeSchema },
      },
    },
    async (request) => host.consoleAgree({ askId: request.params.id, ...about(request) }),
  );

  api.post(
    '/api/data/asks/:id/decline',
    {
      config,
      schema: {
        tags,
        description: 'No to a question of one’s own: nothing runs, and it cannot be said yes to any more.',
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await host.consoleDecline({ askId: request.params.id, ...about(request) });
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/api/data/calls',
    {
      config,
      schema: {
        tags,
        description: 'The latest of one’s own statements of the console, newest first.',
        response: { 200: page(dataCallSchema, z.null()) },
      },
    },
    async (request) => ({
      items: await listOwnCalls({ db, keys }, containerOf(request), accessOf(request).user.id),
      next: null,
    }),
  );

  api.get(
    '/api/data/changes',
    {
      config,
      schema: {
        tags,
        description:
          'Who changed what and when, newest first: statements that write (or all), changes of tables by whatever road, and what was set.',
        querystring: changesQuery,
        response: { 200: page(dataChangeSchema) },
      },
    },
    async (request) => listChanges(db, containerOf(request), request.query),
  );

  api.get(
    '/api/data/changes/:source/:id',
    {
      config,
      schema: {
        tags,
        description: 'Exactly what ran: a statement, or the statements of a change.',
        params: changeRef,
        response: { 200: z.object({ statement: z.string() }) },
      },
    },
    async (request) => ({ statement: await openChange({ db, keys }, containerOf(request), request.params) }),
  );

  api.get(
    '/api/data/rules',
    {
      config,
      schema: { tags, description: 'The rules that are set.', response: { 200: page(dataRuleSchema, z.null()) } },
    },
    async (request) => ({ items: await listRules(db, containerOf(request).id), next: null }),
  );

  api.get(
    '/api/data/rules/effective',
    {
      config,
      schema: {
        tags,
        description: 'What holds for a table and a person, everywhere that it may be, and why.',
        querystring: effectiveQuery,
        response: { 200: page(effectiveRuleSchema, z.null()) },
      },
    },
    async (request) => {
      const { id, mode } = await app(request, request.query.appId);
      const { table, person = accessOf(request).user.id } = request.query;
      return { items: await rulesFor(db, containerOf(request).id, { id, mode }, table, person), next: null };
    },
  );

  api.put(
    '/api/data/rules',
    {
      config,
      schema: {
        tags,
        description: 'Sets one rule, or takes it away with verdict null. The narrowest one counts.',
        body: setRuleSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const container = managed(request);
      await setRule(db, container.id, accessOf(request).user.id, request.body);
      return reply.code(204).send(null);
    },
  );

  api.put(
    '/api/data/freeze',
    {
      config,
      schema: {
        tags,
        description:
          'While a container is frozen nobody writes in its databases: no app, assistant, person, release or change. Lifting gives back what there was.',
        body: putFreezeSchema,
        response: { 200: freezeSchema },
      },
    },
    async (request) => {
      const { id } = managed(request);
      await host.setFrozen({ ...about(request), ...request.body });
      const row = await maybe(
        db,
        sql<{
          since: Date;
          by: string;
        }>`select c.frozen_at as since, u.name as by from containers c join users u on u.id = c.frozen_by
          where c.id = ${id} and c.frozen_at is not null`,
      );
      return { frozen: row ? { since: row.since.toISOString(), by: row.by } : null };
    },
  );
}
