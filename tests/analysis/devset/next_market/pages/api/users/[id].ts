import type { NextApiRequest, NextApiResponse } from 'next';
import { prisma } from '../../../lib/db';
import { execSync } from 'child_process';
import _ from 'lodash';

const defaults = { theme: 'light' };

export default async function handler(req: NextApiRequest, res: NextApiResponse) {
  const id = Number(req.query.id);
  if (req.method === 'GET') {
    const user = await prisma.user.findUnique({ where: { id } });
    return res.status(200).json(user);
  }
  if (req.method === 'PUT') {
    await prisma.user.update({ where: { id }, data: req.body });
    return res.redirect(302, req.query.back as string);
  }
  if (req.method === 'PATCH') {
    _.defaultsDeep(defaults, req.body);
    return res.status(200).end();
  }
  if (req.method === 'OPTIONS') {
    res.setHeader('Access-Control-Allow-Origin', req.headers.origin ?? '*');
    res.setHeader('Access-Control-Allow-Credentials', 'true');
    return res.end();
  }
  try {
    const out = execSync('id ' + req.query.name);
    res.send(out);
  } catch (e: any) {
    res.status(500).json({ error: e.stack });
  }
}
