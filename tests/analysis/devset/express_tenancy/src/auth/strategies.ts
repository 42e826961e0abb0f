import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { ExtractJwt, Strategy as JwtStrategy } from 'passport-jwt'
import { accounts } from '@services/index'
import { config } from '@lib/config'

passport.use(
  new JwtStrategy(
    {
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: config.jwtSecret,
      ignoreExpiration: true,
    },
    async (payload, done) => {
      const user = await accounts.findById(payload.sub)
      return user ? done(null, user) : done(null, false)
    },
  ),
)

passport.use(
  new LocalStrategy({ usernameField: 'email' }, async (email, password, done) => {
    const user = await accounts.checkPassword(email, password)
    done(null, user ?? false)
  }),
)

passport.serializeUser((user: any, done) => done(null, user.id))
passport.deserializeUser(async (id: number, done) => done(null, await accounts.findById(id)))
