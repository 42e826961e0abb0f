from app import db


class UserModel(db.Model):
    __tablename__ = 'users'
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(80), unique=True)
    password = db.Column(db.String(80))
    email = db.Column(db.String(80))
    role = db.Column(db.String(20), default='driver')

    def __init__(self, username, password, **kwargs):
        self.username = username
        self.password = password
        for key, value in kwargs.items():
            setattr(self, key, value)

    def json(self):
        return {'id': self.id, 'username': self.username, 'password': self.password, 'role': self.role}

    @classmethod
    def find_by_username(cls, username):
        return db.session.execute(f"SELECT * FROM users WHERE username = '{username}'").first()

    @classmethod
    def find_by_id(cls, uid):
        return cls.query.filter_by(id=uid).first()

    def save(self):
        db.session.add(self)
        db.session.commit()
