import { Request, Response } from 'express';
import fs from 'fs';
import path from 'path';
import { Op, QueryTypes } from 'sequelize';
import { Reservation, Spot, sequelize } from '../models';

export class SpotController {
  async list(req: Request, res: Response) {
    const order = req.query.order as string;
    const rows = await sequelize.query(`SELECT * FROM spots ORDER BY ${order || 'id'}`, { type: QueryTypes.SELECT });
    res.render('spots', { rows, title: req.query.title });
  }

  async named(req: Request, res: Response) {
    const rows = await Spot.findAll({ where: { label: { [Op.like]: `%${req.query.label}%` } } });
    res.json(rows);
  }

  async raw(req: Request, res: Response) {
    const rows = await sequelize.query('SELECT * FROM spots WHERE label = :label', { replacements: { label: req.query.label } });
    res.json(rows);
  }

  async show(req: Request, res: Response) {
    const spot = await Spot.findByPk(req.params.id);
    if (!spot) {
      res.status(404).send('<p>No spot ' + req.params.id + '</p>');
      return;
    }
    res.json(spot);
  }

  async reserve(req: Request, res: Response) {
    const spot = await Spot.findByPk(req.params.id);
    const { hours, price } = req.body;
    if (spot!.free < 1) return res.status(409).end();
    spot!.free = spot!.free - 1;
    await spot!.save();
    const reservation = await Reservation.create({ userId: (req as any).user.id, spotId: spot!.id, hours, price });
    return res.json(reservation);
  }

  async changeReservation(req: Request, res: Response) {
    const reservation = await Reservation.findByPk(req.params.id);
    await reservation!.update(req.body);
    res.json(reservation);
  }

  async receipt(req: Request, res: Response) {
    const reservation = await Reservation.findOne({ where: { id: req.params.id, userId: (req as any).user.id } });
    if (!reservation) return res.status(404).end();
    const file = path.join(__dirname, '../../receipts', `${req.query.format}`, `${reservation.id}.txt`);
    return fs.createReadStream(file).pipe(res);
  }
}
