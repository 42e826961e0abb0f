import { initTRPC } from '@trpc/server';
import { z } from 'zod';
import { sql } from 'drizzle-orm';
import { db } from './db';
import { exec } from 'child_process';

const t = initTRPC.create();

export const appRouter = t.router({
  search: t.procedure.input(z.object({ q: z.string(), order: z.string() })).query(async ({ input }) => {
    return db.execute(sql.raw(`SELECT * FROM posts WHERE title LIKE '%${input.q}%'`));
  }),
  safe: t.procedure.input(z.object({ q: z.string() })).query(async ({ input }) => {
    return db.execute(sql`SELECT * FROM posts WHERE title = ${input.q}`);
  }),
  ping: t.procedure.input(z.string()).mutation(({ input }) => {
    exec('ping -c 1 ' + input);
  }),
  page: t.procedure.input(z.number()).query(({ input }) => {
    return db.execute(sql.raw(`SELECT * FROM posts LIMIT 10 OFFSET ${input * 10}`));
  }),
});
