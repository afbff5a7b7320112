/** What a hostile program must not reach. Each attack has a control, so that it fails when the wall is missing. */

import { execFileSync, type StdioOptions, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, type DriverUnderTest } from './bench.ts';

/** Numbers of system calls: [x86_64, aarch64]. */
const CALLS = {
  unshare: [272, 97],
  clone: [56, 220],
  clone3: [435, 435],
  setns: [308, 268],
  mount: [165, 40],
  ptrace: [101, 117],
  keyctl: [250, 219],
  bpf: [321, 280],
  io_uring_setup: [425, 425],
  memfd_create: [319, 279],
  getpid: [39, 172],
} as const;

const number = (name: keyof typeof CALLS) => CALLS[name][process.arch === 'x64' ? 0 : 1];
const EPERM = '1';
const ENOSYS = '38';
const EAFNOSUPPORT = '97';

export function isolationTests(under: DriverUnderTest): void {
  describe(`${under.name}: a hostile program`, () => {
    let bench: Bench;
    beforeAll(() => {
      bench = new Bench(under);
    });
    afterAll(async () => await bench.close());

    it('reads no file of the host, by no road', async () => {
      const secret = join(bench.dataDir, 'secret.txt');
      writeFileSync(secret, 'the secret', { mode: 0o644 });
      const paths = [
        '/etc/shadow',
        '/etc/hostname',
        secret,
        `/proc/1/root${secret}`,
        `/proc/self/root${secret}`,
        '/root',
      ];
      paths.push(
        `/proc/${process.pid}/root${secret}`,
        '/sys/kernel',
        '/var',
        '/home',
        '/run/dbus',
        `${bench.dataDir}/..`,
      );
      expect(paths.filter((path) => existsSync(path)).length).toBeGreaterThan(5);
      const look = `const fs=require('fs');console.log(JSON.stringify(${JSON.stringify(paths)}.filter(p=>fs.existsSync(p)).map(p=>
        [p,fs.statSync(p).isDirectory()?fs.readdirSync(p).join(' '):fs.readFileSync(p,'utf8')])))`;
      const ours = new Map(
        JSON.parse(execFileSync(process.execPath, ['-e', look], { encoding: 'utf8' })) as [string, string][],
      );
      for (const [path, content] of await bench.ask<[string, string][]>(look)) {
        expect(under.furnished ?? []).toContain(path);
        expect([path, content]).not.toEqual([path, ours.get(path)]);
      }
    });

    it('sees neither the folder nor the sockets nor the processes of another sandbox', async () => {
      const [mine, theirs] = [bench.folder('mine'), bench.folder('theirs')];
      writeFileSync(join(theirs, 'note'), 'theirs');
      const mount = (source: string) => [{ source, target: '/w/app', mode: 'rw' as const }];
      const other = await bench.start(
        `require('net').createServer().listen('/run/sbx/other.sock');require('net').createServer().listen('\\0other');
         require('fs').writeFileSync('/tmp/mark','x');console.log('up');setInterval(()=>{},1e3)`,
        { mounts: mount(theirs) },
      );
      await expect.poll(() => other.logs.text()).toContain('up');
      const found = await bench.ask<Record<string, unknown>>(
        `const fs=require('fs');const pids=fs.readdirSync('/proc').filter(n=>/^\\d+$/.test(n));
         require('net').connect('\\0other').on('connect',()=>end('connected')).on('error',e=>end(e.code));
         function end(abstract){console.log(JSON.stringify({abstract,pids,app:fs.readdirSync('/w/app'),run:fs.readdirSync('/run/sbx'),tmp:fs.readdirSync('/tmp')}))}`,
        { mounts: mount(mine) },
      );
      expect(found).toEqual({ abstract: 'ECONNREFUSED', pids: ['1'], app: [], run: [], tmp: [] });
    });

    it('cannot signal a process of the host', async () => {
      const script = `try{process.kill(${process.pid},0);console.log('"reached"')}catch(e){console.log(JSON.stringify(e.code))}`;
      expect(await bench.ask(script)).toBe('ESRCH');
    });

    it('has no network: not the outside, not the host, not an abstract socket', async () => {
      const tcp = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
      // drivers are tested side by side, and abstract names are the whole machine's
      const name = `vibe-contract-${randomUUID()}`;
      const abstract = createServer((socket) => socket.end()).listen(`\0${name}`);
      await Promise.all([tcp, abstract].map((server) => server.listening || once(server, 'listening')));
      const port = (tcp.address() as { port: number }).port;
      const script = `const net=require('net'),out={};const targets={outside:{host:'1.1.1.1',port:443},host:{host:'127.0.0.1',port:${port}},
        abstract:{path:'\\0${name}'},gateway:{host:'10.0.0.1',port:80}};let left=4;
        for(const [k,t] of Object.entries(targets)){const done=v=>{if(out[k])return;out[k]=v;if(!--left){
        out.interfaces=Object.keys(require('os').networkInterfaces());console.log(JSON.stringify(out));process.exit()}};
        net.connect(t).on('connect',()=>done('connected')).on('error',e=>done(e.code)).setTimeout(3000,()=>done('timeout'))}`;
      const local = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });
      expect(JSON.parse(local)).toMatchObject({ host: 'connected', abstract: 'connected' });
      const out = await bench.ask(script);
      expect(out).toMatchObject({ outside: 'ENETUNREACH', host: 'ECONNREFUSED', abstract: 'ECONNREFUSED' });
      expect(out).toMatchObject({ gateway: 'ENETUNREACH', interfaces: ['lo'] });
      tcp.close();
      abstract.close();
    });

    it('opens no socket of a family that knows no network namespace', async () => {
      // UNIX, INET, INET6 | VSOCK, PACKET, ALG, BLUETOOTH, XDP | NETLINK: ROUTE, AUDIT, NETFILTER
      const script = `for my $f ([1,1,0],[2,1,0],[10,2,0],[40,1,0],[17,3,0],[38,5,0],[31,5,0],[44,3,0],[16,3,0],[16,3,9],[16,3,12])
        {print socket(my $s,$f->[0],$f->[1],$f->[2])?"ok":$!+0,","}`;
      const answers = (await bench.perl(script)).split(',').filter(Boolean);
      expect(answers.slice(0, 3)).toEqual(['ok', 'ok', 'ok']);
      expect(answers.slice(3, 8)).toEqual(Array(5).fill(EAFNOSUPPORT));
      expect(answers.slice(8)).toEqual(['ok', EAFNOSUPPORT, EAFNOSUPPORT]);
    });

    it('makes no namespace, mount or trace, and loads nothing into the kernel', async () => {
      const call = (name: keyof typeof CALLS, ...args: string[]) =>
        `{my @a=(${args.join(',')});print "${name}=",(syscall(${number(name)},@a)==-1?$!+0:"ok"),"\\n";}`;
      const script = [
        call('getpid'),
        ...['0x10000000', '0x20000', '0x40000000', '0x20000000'].map((flag) => call('unshare', flag)),
        call('clone', '0x10000011', '0', '0', '0', '0'),
        call('clone3', '0', '0'),
        call('setns', '0', '0'),
        call('mount', '"none"', '"/tmp"', '"tmpfs"', '0', '0'),
        call('ptrace', '16', '1', '0', '0'),
        call('keyctl', '0', '0', '0'),
        call('bpf', '0', '0', '0'),
        call('io_uring_setup', '1', '0'),
        call('memfd_create', '"x"', '0'),
      ].join('');
      const answers = (await bench.perl(script)).split('\n').map((line) => line.split('='));
      expect(answers[0]).toEqual(['getpid', 'ok']);
      const absent = ['clone3', 'io_uring_setup', 'memfd_create'];
      for (const [name, answer] of answers.slice(1))
        expect([name, answer]).toEqual([name, absent.includes(name!) ? ENOSYS : EPERM]);
    });

    it('has no capability and gains none', async () => {
      const seen = await bench.ask<Record<string, string>>(
        `const s=require('fs').readFileSync('/proc/self/status','utf8');const pick=k=>new RegExp('^'+k+':\\\\s*(\\\\S+)','m').exec(s)[1];
         let root='no';try{process.setuid(0);root='yes'}catch{}
         console.log(JSON.stringify({eff:pick('CapEff'),bnd:pick('CapBnd'),amb:pick('CapAmb'),nnp:pick('NoNewPrivs'),seccomp:pick('Seccomp'),root,uid:String(process.getuid())}))`,
      );
      const none = '0000000000000000';
      expect(seen).toEqual({
        eff: none,
        bnd: none,
        amb: none,
        nnp: '1',
        seccomp: '2',
        root: 'no',
        uid: expect.any(String),
      });
      if (bench.driver.capabilities.mapsUser) expect(seen.uid).toBe('1000');
      else expect(seen.uid).not.toBe('0');
    });

    it('writes nowhere but in its own writable folder', async () => {
      const [fixed, open] = [bench.folder('fixed'), bench.folder('open')];
      writeFileSync(join(fixed, 'file'), 'as it was', { mode: 0o666 });
      chmodSync(fixed, 0o777);
      const places = [
        '/x',
        '/etc/hosts',
        '/w/x',
        '/w/fixed/file',
        '/w/fixed/new',
        '/usr/x',
        '/dev/x',
        '/run/x',
        '/proc/sys/kernel/hostname',
      ];
      const script = `const fs=require('fs'),out={};for(const p of ${JSON.stringify([...places, '/w/open/new', '/tmp/new'])}){
        try{fs.writeFileSync(p,'changed');out[p]='written'}catch(e){out[p]=e.code}}
        try{fs.linkSync('/w/fixed/file','/w/open/link');out.link='made'}catch(e){out.link=e.code}console.log(JSON.stringify(out))`;
      const out = await bench.ask<Record<string, string>>(script, {
        mounts: [
          { source: fixed, target: '/w/fixed', mode: 'ro' },
          { source: open, target: '/w/open', mode: 'rw' },
        ],
      });
      for (const place of places) expect([place, out[place]]).not.toEqual([place, 'written']);
      expect(out).toMatchObject({ '/w/open/new': 'written', '/tmp/new': 'written', link: 'EXDEV' });
      expect(readFileSync(join(fixed, 'file'), 'utf8')).toBe('as it was');
      expect(readFileSync(join(open, 'new'), 'utf8')).toBe('changed');
    });

    it('has a tmpfs of its own on a folder that it may only read', async () => {
      const fixed = bench.folder('covered');
      mkdirSync(join(fixed, 'cache'));
      const script = `const fs=require('fs'),out=[];for(const p of ['/w/app/cache/made','/w/app/made'])try{fs.writeFileSync(p,'x');out.push('written')}catch(e){out.push(e.code)}
        console.log(JSON.stringify(out))`;
      const mounts = [{ source: fixed, target: '/w/app', mode: 'ro' as const }];
      const tmpfs = [{ target: '/w/app/cache', sizeMb: 4 }];
      expect(await bench.ask(script, { mounts, tmpfs })).toEqual(['written', 'EROFS']);
      expect(readdirSync(join(fixed, 'cache'))).toEqual([]);
    });

    it('works in a folder below one that only we may enter, as a user of its own', async () => {
      const app = bench.folder('private/apps/shop');
      chmodSync(join(bench.dataDir, 'private'), 0o700);
      writeFileSync(join(app, 'page'), 'one', { mode: 0o644 });
      const mounts = [{ source: app, target: '/w/app', mode: 'rw' as const }];
      const script = `const fs=require('fs');fs.appendFileSync('/w/app/page',' two');fs.writeFileSync('/w/app/made','x');console.log('1');setInterval(()=>{},1e3)`;
      const sandbox = await bench.start(script, { mounts });
      await expect.poll(() => sandbox.logs.text()).toContain('1');
      writeFileSync(join(app, 'page'), 'from outside');
      expect(readFileSync(join(app, 'made'), 'utf8')).toBe('x');
      if (!bench.driver.capabilities.ownUser) return;
      const other = await bench.start(script, { mounts: [{ ...mounts[0]!, source: bench.folder('another') }] });
      await expect.poll(() => existsSync(join(bench.dataDir, 'another/made'))).toBe(true);
      const users = [join(app, 'made'), join(bench.dataDir, 'another/made')].map((path) => statSync(path).uid);
      expect(new Set([...users, 0]).size).toBe(3);
      await other.stop(0);
    });

    it('gets none of our environment and none of our open files', async () => {
      process.env.VIBE_CONTRACT_SECRET = 'leaked';
      const script = `const fs=require('fs');const fds=fs.readdirSync('/proc/self/fd').map(n=>{try{return fs.readlinkSync('/proc/self/fd/'+n)}catch{return ''}});
        console.log(JSON.stringify({env:process.env,fds,init:fs.readFileSync('/proc/1/environ','utf8')}))`;
      const seen = await bench.ask<{ env: Record<string, string>; fds: string[]; init: string }>(script, {
        env: { GIVEN: 'yes' },
      });
      delete process.env.VIBE_CONTRACT_SECRET;
      expect(Object.keys(seen.env).toSorted()).toEqual(['GIVEN', 'HOME', 'LANG', 'PATH', 'PWD', 'TZ']);
      expect(JSON.stringify(seen)).not.toContain('leaked');
      const known = /^$|^\/dev\/(null|zero|random|urandom)$|^socket:|^pipe:|^anon_inode:|^\/proc\/(self|1)\//;
      expect(seen.fds.filter((path) => !known.test(path))).toEqual([]);
    });

    it('gets no file that we inherited ourselves from a shell', async () => {
      const [data, file] = [bench.folder('inheriting'), join(bench.dataDir, 'inheriting.mjs')];
      const script = `const fs=require('fs');console.log(fs.readdirSync('/proc/self/fd').map(n=>{try{return fs.readlinkSync('/proc/self/fd/'+n)}catch{return ''}}).join(' '))`;
      const spec = JSON.stringify(bench.spec(script));
      const start = `import fs from 'node:fs';const dataDir=${JSON.stringify(data)};const s=await (${under.makeElsewhere}).start(${spec});`;
      writeFileSync(
        file,
        `${start}await s.exited;console.log(fs.readlinkSync('/proc/self/fd/40'));console.log(s.logs.text());`,
      );
      // Node itself closes the first sixteen to its children, so the one that matters has a higher number.
      const opened = openSync(file, 'r');
      const stdio = ['ignore', 'pipe', 'inherit', ...Array<'ignore'>(37).fill('ignore'), opened];
      const host = spawnSync(process.execPath, [file], { encoding: 'utf8', stdio: stdio as StdioOptions });
      closeSync(opened);
      const [ours, theirs] = host.stdout.split('\n');
      expect(ours).toBe(file);
      expect(theirs).toContain('/dev/null');
      expect(theirs).not.toContain(file);
    });

    it('cannot lead us to a socket that is not its own', async () => {
      let reached = 0;
      const target = join(bench.dataDir, 'host.sock');
      const server = createServer((socket) => {
        reached++;
        socket.end('host');
      }).listen(target);
      await once(server, 'listening');
      chmodSync(target, 0o777);
      const sandbox = await bench.start(
        `const fs=require('fs'),cp=require('child_process');fs.symlinkSync(${JSON.stringify(target)},'/run/sbx/link.sock');
         fs.mkdirSync('/run/sbx/dir.sock');fs.writeFileSync('/run/sbx/file.sock','');
         require('net').createServer(c=>c.end('own')).listen('/run/sbx/own.sock',()=>{fs.symlinkSync('own.sock','/run/sbx/near.sock');console.log('ready')})`,
      );
      await expect.poll(() => sandbox.logs.text()).toContain('ready');
      for (const name of ['dir.sock', 'file.sock']) {
        await expect(sandbox.connect(name)).rejects.toMatchObject({ code: 'sandbox_socket_refused' });
      }
      for (const name of ['link.sock', 'near.sock']) {
        await expect(sandbox.connect(name)).rejects.toMatchObject({ name: 'AppError' });
      }
      for (const name of ['../host.sock', '/etc/passwd', '..', '']) {
        await expect(sandbox.connect(name)).rejects.toMatchObject({ code: 'sandbox_socket_refused' });
      }
      await expect(sandbox.connect('none.sock')).rejects.toMatchObject({ code: 'sandbox_socket_missing' });
      const [own] = (await once((await sandbox.connect('own.sock')).setEncoding('utf8'), 'data')) as [string];
      expect([own, reached]).toEqual(['own', 0]);
      server.close();
    });

    it('is refused a mount whose source is a link, missing, or not readable for it', async () => {
      const secret = bench.folder('closed');
      chmodSync(secret, 0o700);
      execFileSync('ln', ['-s', '/etc', join(bench.dataDir, 'linked')]);
      const start = (source: string, target = '/w/app') =>
        bench.start('', { mounts: [{ source, target, mode: 'ro' }] });
      const refused = { code: 'sandbox_spec_refused' };
      await expect(start(join(bench.dataDir, 'linked'))).rejects.toMatchObject(refused);
      await expect(start(join(bench.dataDir, 'absent'))).rejects.toMatchObject(refused);
      await expect(start(`${bench.dataDir}/closed/../closed`)).rejects.toMatchObject(refused);
      await expect(start(bench.folder('open'), '/proc')).rejects.toMatchObject(refused);
      if (bench.driver.capabilities.ownUser) await expect(start(secret)).rejects.toMatchObject(refused);
    });
  });
}
