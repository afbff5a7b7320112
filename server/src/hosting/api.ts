/**
 * What web and worker may ask of a host, and all of it: one schema per call, validated on the host's side. Calls that write name the
 * turn's fence; the host refuses one that is lower than the chat's (a worker that lost its lease while it was away).
 */
import { z } from 'zod';
import { conflictFileSchema, fileDiffSchema, instanceState, transport } from '../../../contract/chats.ts';
import {
  bringBackSchema,
  broughtBackSchema,
  cellQuery,
  changeRowSchema,
  consoleOutcomeSchema,
  dataAppSchema,
  dataBackSchema,
  dataCellSchema,
  dataDroppedSchema,
  dataRowsSchema,
  removeBackSchema,
  rowsQuery,
  runSqlSchema,
} from '../../../contract/data.ts';
import { deployPreviewSchema, deploySchema } from '../../../contract/deploys.ts';
import { draftSchema } from '../../../contract/drafts.ts';
import { losesSchema } from '../../../contract/loses.ts';
import { appLeavesSchema, outsideAddressSchema, outsideCheckSchema } from '../../../contract/outside.ts';
import { elementPath } from '../../../contract/preview.ts';
import { goBackSchema, releasePageSchema } from '../../../contract/releases.ts';
import { reminderPreviewSchema } from '../../../contract/reminders.ts';
import { lookInput, lookResult } from './browser/schema.ts';
import { importReport, repositoryAddress } from './imports/schema.ts';
import { exactVersion, packageChange, packageName } from './packages/schema.ts';

const chat = z.object({ chatId: z.uuid() });
/** Somebody on the Data page of a container. */
const byPerson = z.object({ containerId: z.uuid(), by: z.uuid() });
const writing = chat.extend({ turnId: z.uuid(), fence: z.int() });

/** What a file tool or the spec answers: done, or refused with a reason that a model can act on. */
const outcome = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown(), files: z.array(fileDiffSchema).optional() }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string(), detail: z.unknown().optional() }),
]);
export type HostOutcome = z.infer<typeof outcome>;

const state = z.object({ state: instanceState, message: z.string().nullable() });
export type InstanceReport = z.infer<typeof state>;

const logLines = z.object({ lines: z.array(z.object({ at: z.string(), stream: z.string(), text: z.string() })) });

export const hostCalls = {
  ready: {
    input: z.object({}),
    output: z.object({ parts: z.array(z.object({ name: z.string(), ok: z.boolean(), text: z.string() })) }),
  },
  provision: { input: z.object({ containerId: z.uuid() }), output: z.object({}) },
  createApp: {
    input: writing.extend({ title: z.string(), slug: z.string().optional() }),
    output: z.object({ appId: z.uuid(), slug: z.string(), created: z.boolean() }),
  },
  importApp: { input: writing.extend({ address: repositoryAddress }), output: importReport },
  chatStates: {
    input: z.object({ containerId: z.uuid() }),
    output: z.object({ transports: z.record(z.string(), transport), previews: z.record(z.string(), state) }),
  },
  appStates: { input: z.object({ containerId: z.uuid() }), output: z.object({ apps: z.record(z.string(), state) }) },
  startPreview: { input: chat, output: state },
  restartPreview: { input: chat, output: state },
  previewLog: { input: chat.extend({ tail: z.int().max(500) }), output: logLines },
  appLog: { input: z.object({ appId: z.uuid(), tail: z.int().max(500) }), output: logLines },
  listFiles: { input: chat.extend({ input: z.unknown() }), output: outcome },
  readFile: { input: chat.extend({ input: z.unknown() }), output: outcome },
  searchCode: { input: chat.extend({ input: z.unknown() }), output: outcome },
  modifyFiles: { input: writing.extend({ input: z.unknown() }), output: outcome },
  readSpec: {
    input: chat,
    output: z.object({
      app: z.object({ slug: z.string(), title: z.string() }).nullable(),
      spec: z.unknown(),
      imported: z.boolean().describe('It came from elsewhere, and has no spec'),
    }),
  },
  previewSpec: { input: chat.extend({ operations: z.unknown() }), output: outcome },
  addSampleRows: {
    input: writing.extend({ entity: z.string().optional(), count: z.int().min(1).max(100) }),
    output: outcome,
  },
  changeSpec: { input: writing.extend({ operations: z.unknown() }), output: outcome },
  lookUpPackage: { input: chat.extend({ name: packageName, version: exactVersion.optional() }), output: outcome },
  changePackages: { input: writing.extend({ change: packageChange }), output: outcome },
  draftDifference: { input: chat, output: draftSchema },
  startDraftAgain: { input: chat.extend({ by: z.uuid() }), output: z.object({ rows: z.int(), sampled: z.boolean() }) },
  describeTables: { input: chat, output: z.object({ text: z.string() }) },
  previewSchema: { input: chat.extend({ operations: z.unknown() }), output: outcome },
  changeSchema: {
    input: writing.extend({ operations: z.unknown(), agreedBy: z.uuid().optional().describe('Who said yes to it') }),
    output: outcome,
  },
  /** what of the chat's changes of tables live has not */
  previewLive: { input: chat.extend({ turnId: z.uuid() }), output: outcome },
  applyToLive: { input: writing.extend({ digest: z.string(), by: z.uuid() }), output: outcome },
  runSql: {
    input: writing.extend({
      sql: z.string().max(100_000),
      target: z.enum(['staging', 'live', 'draft']).optional(),
      agent: z.string().max(80),
      askedBy: z.uuid(),
      agreed: z.object({ digest: z.string(), rows: z.number(), by: z.uuid() }).optional(),
    }),
    output: outcome,
  },
  dataTables: {
    input: z.object({ containerId: z.uuid() }),
    output: z.object({
      apps: z.array(dataAppSchema),
      bytes: z.object({ staging: z.number(), live: z.number().nullable() }),
    }),
  },
  dataRows: { input: rowsQuery.extend(byPerson.shape), output: dataRowsSchema },
  dataCell: { input: cellQuery.extend(byPerson.shape), output: dataCellSchema },
  changeRow: { input: changeRowSchema.extend(byPerson.shape), output: consoleOutcomeSchema },
  consoleSql: { input: runSqlSchema.extend(byPerson.shape), output: consoleOutcomeSchema },
  consoleAgree: { input: byPerson.extend({ askId: z.uuid() }), output: consoleOutcomeSchema },
  consoleDecline: { input: byPerson.extend({ askId: z.uuid() }), output: z.object({}) },
  previewReminder: {
    input: z.object({ containerId: z.uuid(), reminderId: z.uuid() }),
    output: reminderPreviewSchema,
  },
  applyReminder: {
    input: byPerson.extend({ reminderId: z.uuid(), digest: z.string() }),
    output: z.object({ outcome: consoleOutcomeSchema.nullable() }),
  },
  dataKept: { input: z.object({ containerId: z.uuid() }), output: z.object({ items: z.array(dataDroppedSchema) }) },
  bringBack: { input: bringBackSchema.extend(byPerson.shape), output: broughtBackSchema },
  dataBack: { input: z.object({ containerId: z.uuid() }), output: z.object({ items: z.array(dataBackSchema) }) },
  removeBack: { input: removeBackSchema.extend(byPerson.shape), output: z.object({}) },
  setFrozen: { input: byPerson.extend({ frozen: z.boolean() }), output: z.object({}) },
  checkOutside: {
    input: z.object({ containerId: z.uuid(), address: outsideAddressSchema.nullable() }),
    output: outsideCheckSchema,
  },
  keepOutside: { input: byPerson.extend({ address: outsideAddressSchema }), output: z.object({}) },
  leaveOutside: { input: byPerson, output: z.object({}) },
  /** an owner's yes to losing what is on a live database that is gone for good; a job carries it out */
  giveUpOutside: { input: byPerson.extend({ typed: z.string() }), output: z.object({}) },
  /** brings the apps back from it; repeating it does what is left */
  bringAppsHome: { input: z.object({ containerId: z.uuid() }), output: z.object({}) },
  /** what deleting an app would leave on a server that does not answer */
  appLeaves: { input: z.object({ appId: z.uuid() }), output: appLeavesSchema },
  forgetLeftover: { input: byPerson.extend({ id: z.uuid() }), output: z.object({}) },
  runChecks: { input: chat, output: outcome },
  look: {
    input: chat.extend({ by: z.uuid(), look: lookInput, element: elementPath.optional(), examine: z.boolean() }),
    output: lookResult,
  },
  commitTurn: {
    input: writing.extend({ message: z.string() }),
    output: z.object({ commit: z.string().nullable(), files: z.int(), draftPrint: z.string() }),
  },
  mergedDiff: {
    input: chat.extend({ of: z.uuid() }),
    output: z.object({ merged: z.boolean(), files: z.array(fileDiffSchema) }),
  },
  diff: {
    input: chat.extend({ from: z.enum(['base', 'main']).default('base') }),
    output: z.object({ files: z.array(fileDiffSchema) }),
  },
  history: {
    input: chat.extend({ limit: z.int().max(100).default(20) }),
    output: z.object({
      commits: z.array(
        z.object({ commit: z.string(), at: z.string(), subject: z.string(), chatId: z.string().nullable() }),
      ),
    }),
  },
  undo: {
    input: chat.extend({ turnId: z.uuid(), by: z.uuid(), rows: z.enum(['keep', 'exact']).optional() }),
    output: z.object({ commit: z.string().nullable(), files: z.int() }),
  },
  redo: {
    input: chat.extend({ turnId: z.uuid(), by: z.uuid() }),
    output: z.object({ commit: z.string().nullable(), files: z.int(), turns: z.array(z.uuid()) }),
  },
  rewind: {
    input: chat.extend({ turnId: z.uuid(), by: z.uuid(), rows: z.enum(['keep', 'exact']).optional() }),
    output: z.object({ commit: z.string().nullable(), files: z.int(), turns: z.array(z.uuid()) }),
  },
  merge: {
    input: chat.extend({ by: z.uuid(), destroys: z.boolean().default(false) }),
    output: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), releaseId: z.uuid(), number: z.int(), commit: z.string() }),
      z.object({
        ok: z.literal(false),
        code: z.string(),
        message: z.string(),
        conflicts: z.array(z.object({ path: z.string(), reason: z.string() })),
        loses: losesSchema.optional(),
      }),
    ]),
  },
  updateFromMain: {
    input: chat.extend({ by: z.uuid() }),
    output: z.object({
      commit: z.string(),
      files: z.int(),
      conflicts: z.array(z.object({ path: z.string(), reason: z.string() })),
    }),
  },
  conflicts: { input: chat, output: z.object({ items: z.array(conflictFileSchema) }) },
  resolveConflicts: {
    input: chat.extend({ by: z.uuid(), files: z.array(conflictFileSchema) }),
    output: z.object({ commit: z.string(), left: z.int() }),
  },
  release: { input: z.object({ releaseId: z.uuid() }), output: z.object({ state: z.string() }) },
  listReleases: { input: z.object({ appId: z.uuid(), before: z.int().optional() }), output: releasePageSchema },
  goBack: {
    input: goBackSchema.extend({ appId: z.uuid(), by: z.uuid() }),
    output: z.object({ from: z.int(), to: z.int() }),
  },
  removeApp: { input: z.object({ appId: z.uuid() }), output: z.object({}) },
  deleteApp: { input: z.object({ appId: z.uuid() }), output: z.object({}) },
  /** what a deploy would bring to live */
  previewDeploy: { input: z.object({ appId: z.uuid() }), output: deployPreviewSchema },
  deploy: {
    input: z.object({ appId: z.uuid(), by: z.uuid(), deploy: deploySchema }),
    output: z.object({ releaseId: z.uuid(), number: z.int() }),
  },
  /** gives an app a live database of its own; repeating it does what is left */
  enableLive: { input: z.object({ appId: z.uuid() }), output: z.object({}) },
  /** fills the staging site's copy from the mirror of live */
  fillSite: {
    input: z.object({ appId: z.uuid(), by: z.uuid() }),
    output: z.object({ tables: z.array(z.string()), rows: z.int() }),
  },
  closeChat: { input: chat, output: z.object({}) },
  removeChat: { input: chat, output: z.object({}) },
} as const;

export type HostCall = keyof typeof hostCalls;
export type HostInput<C extends HostCall> = z.input<(typeof hostCalls)[C]['input']>;
export type HostParsed<C extends HostCall> = z.output<(typeof hostCalls)[C]['input']>;
export type HostOutput<C extends HostCall> = z.output<(typeof hostCalls)[C]['output']>;

/** A host, wherever it is. Every method may throw AppError as the host threw it, or `host_unavailable`. */
export type HostApi = { [C in HostCall]: (input: HostInput<C>, signal?: AbortSignal) => Promise<HostOutput<C>> };
export type HostHandlers = { [C in HostCall]: (input: HostParsed<C>, signal: AbortSignal) => Promise<HostOutput<C>> };
