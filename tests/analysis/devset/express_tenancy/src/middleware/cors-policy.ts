import { CorsOptions } from 'cors'

export const corsPolicy: CorsOptions = {
  origin: (origin, callback) => callback(null, origin),
  credentials: true,
  methods: ['GET', 'POST', 'PUT', 'DELETE'],
}
