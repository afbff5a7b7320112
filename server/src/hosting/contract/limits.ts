/** What a greedy program may take: each bomb ends, or is held within, its own sandbox, and a neighbour goes on. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../driver.ts';
import { Bench, type DriverUnderTest, LIMITS, said } from './bench.ts';

export function limitTests(under: DriverUnderTest): void {
  describe(`${under.name}: a greedy program`, () => {
    let bench: Bench;
    let neighbour: Sandbox;
    beforeAll(async () => {
      bench = new Bench(under);
      neighbour = await bench.start(`console.log('up');setInterval(()=>{},100)`);
      expect(await said(neighbour, 'up')).toBe(true);
    });
    afterAll(async () => {
      expect(neighbour.status().state).toBe('running');
      await bench.close();
    });

    it('that forks without end gets no more tasks than its limit and leaves none behind', async () => {
      const bomb = await bench.start(
        `const {spawn}=require('child_process');let refused=0;
         setInterval(()=>{try{const c=spawn(process.execPath,['-e','setInterval(()=>{},1e3)'],{detached:true,stdio:'ignore'});c.on('error',()=>{if(!refused++)console.log('refused')});c.unref()}
         catch{if(!refused++)console.log('refused')}},5)`,
        { limits: { ...LIMITS, processes: 60, memoryMb: 2048 } },
      );
      await Promise.race([said(bomb, 'refused'), bomb.exited, sleep(4_000)]);
      expect(bomb.status().processes).toBeLessThan(60);
      expect(execFileSync('echo', ['alive'], { encoding: 'utf8' })).toBe('alive\n');
      await bomb.stop(0);
      expect(bomb.status().processes).toBe(0);
    });

    it('that fills memory with buffers is ended, and the reason says so', async () => {
      const result = await bench.run(`const kept=[];setInterval(()=>kept.push(Buffer.alloc(8e6,1)),5)`);
      expect(result.reason).toBe('memory');
      expect(result.message).toBe('It used more than 256 MB of memory and was ended.');
    });

    it('that fills memory with many processes is ended too', async () => {
      const child = `const kept=[];setInterval(()=>{if(kept.length<9)kept.push(Buffer.alloc(8e6,1))},20)`;
      const script = `for(let i=0;i<6;i++)require('child_process').spawn(process.execPath,['-e',${JSON.stringify(child)}]);setInterval(()=>{},1e3)`;
      const result = await bench.run(script, { limits: { ...LIMITS, processes: 150 } });
      expect(result.reason).toBe('memory');
    });

    it('that fills a tmpfs is told that it is full', async () => {
      const script = `const fs=require('fs');let n=0,code;for(let i=0;i<200;i++){try{fs.writeFileSync('/tmp/f'+i,Buffer.alloc(1e6));n++}catch(e){code=e.code;break}}
        const m=[];for(const p of ['/run/sbx','/dev/shm']){let k=0;try{for(;k<100;k++)fs.writeFileSync(p+'/f'+k,Buffer.alloc(1e6))}catch{}m.push(k)}
        console.log(JSON.stringify({n,code,small:m.every(k=>k<20)}))`;
      const out = await bench.ask<{ n: number; code: string; small: boolean }>(script, {
        tmpfs: [{ target: '/tmp', sizeMb: 32 }],
      });
      expect(out).toMatchObject({ code: 'ENOSPC', small: true });
      expect(out.n).toBeGreaterThan(20);
    });

    it('that fills a tmpfs beyond its memory is ended', async ({ skip }) => {
      if (!bench.driver.capabilities.kernelMemoryLimit) skip('only the kernel counts tmpfs pages');
      const script = `const fs=require('fs');for(let i=0;i<500;i++)fs.writeFileSync('/tmp/f'+i,Buffer.alloc(1e6,1));console.log('survived')`;
      const result = await bench.run(script, { tmpfs: [{ target: '/tmp', sizeMb: 1000 }] });
      expect([result.reason, result.stdout]).toEqual(['memory', '']);
    });

    it('that opens files without end is told that there are no more', async () => {
      const script = `const fs=require('fs');let n=0,code;try{for(;;n++)fs.openSync('/dev/null')}catch(e){code=e.code}console.log(JSON.stringify({n,code}))`;
      const out = await bench.ask<{ n: number; code: string }>(script);
      expect(out.code).toBe('EMFILE');
      expect(out.n).toBeLessThan(256);
    });

    it('that fills its writable folder is ended', async () => {
      const mount = { source: bench.folder('filled'), target: '/w/app', mode: 'rw' as const, maxMb: 20 };
      const script = `const fs=require('fs');let i=0;setInterval(()=>fs.writeFileSync('/w/app/f'+i++,Buffer.alloc(1e6,1)),10)`;
      const result = await bench.run(script, { mounts: [mount] });
      expect(result.reason).toBe('disk');
      expect(result.message).toBe('It wrote more than 20 MB and was ended.');
    });

    it('that writes one huge file is stopped at the limit', async () => {
      const mount = { source: bench.folder('huge'), target: '/w/app', mode: 'rw' as const };
      const script = `const fs=require('fs'),fd=fs.openSync('/w/app/f','w'),b=Buffer.alloc(1e6);let n=0;try{for(;n<200;n++)fs.writeSync(fd,b)}catch{}console.log(n)`;
      const result = await bench.run(script, { mounts: [mount], limits: { ...LIMITS, fileSizeMb: 10 } });
      expect(Number(result.stdout || 0)).toBeLessThan(12);
      expect(Number(result.stdout || 0)).toBeGreaterThanOrEqual(0);
      expect(execFileSync('du', ['-m', mount.source], { encoding: 'utf8' })).toMatch(/^1[01]\t/);
    });

    it('that computes without end gets its share of a core', async ({ skip }) => {
      if (!bench.driver.capabilities.kernelCpuLimit) skip('no control group for CPU here');
      const script = `const end=Date.now()+1500;while(Date.now()<end);console.log(process.cpuUsage().user/1e6)`;
      const used = await bench.ask<number>(script, { limits: { ...LIMITS, cpuPercent: 30 } });
      expect(used).toBeLessThan(0.75);
      expect(used).toBeGreaterThan(0.2);
    });
  });
}
