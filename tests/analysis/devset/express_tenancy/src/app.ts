import express, { Express } from 'express'
import session from 'express-session'
import helmet from 'helmet'
import cors from 'cors'
import passport from 'passport'
import { errorHandler, requestId, corsPolicy } from '@mw'
import { mountRoutes } from './routes'
import { config } from '@lib/config'
import './auth/strategies'

export function createApp(): Express {
  const app = express()
  app.set('view engine', 'pug')
  app.use(helmet())
  app.use(cors(corsPolicy))
  app.use(express.json({ limit: '200kb' }))
  app.use(express.urlencoded({ extended: true }))
  app.use(
    session({
      secret: config.sessionSecret,
      resave: false,
      saveUninitialized: false,
      cookie: { httpOnly: false, maxAge: 86400000 },
    }),
  )
  app.use(passport.initialize())
  app.use(passport.session())
  app.use(requestId)
  mountRoutes(app)
  app.use(errorHandler)
  return app
}
