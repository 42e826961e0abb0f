import { Router } from 'express';
import { VehicleRepository } from '../repositories/vehicles';
import { requireAdmin, requireUser, AuthedRequest } from '../middleware/auth';

export function vehicleRoutes(vehicles: VehicleRepository): Router {
  const router = Router();

  router.get('/', requireUser, async (req, res, next) => {
    try {
      res.json(await vehicles.search(req.query as any));
    } catch (err) {
      next(err);
    }
  });

  router.get('/list', requireUser, async (req, res) => {
    res.json(await vehicles.list(req.query));
  });

  router.get('/odometer', requireUser, async (req, res) => {
    const { sort } = req.query as Record<string, string>;
    res.json(await vehicles.listOdometer({ sort }));
  });

  router.get('/:id', requireUser, async (req: AuthedRequest, res) => {
    const vehicle = await vehicles.byIdForOwner(req.params.id, req.user!.id);
    if (!vehicle) {
      return res.status(404).json({ error: 'not found' });
    }
    res.json(vehicle);
  });

  router.patch('/:id', requireUser, requireAdmin, async (req, res) => {
    await vehicles.patch(req.params.id, req.body);
    res.status(204).end();
  });

  router.delete('/:id', async (req, res) => {
    await vehicles.remove(req.params.id);
    res.status(204).end();
  });

  return router;
}
