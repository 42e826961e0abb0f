import { DataTypes, Model, Sequelize } from 'sequelize';

export const sequelize = new Sequelize(process.env.DB_URL ?? 'postgres://parking:Gar4ge99@db/parking');

export class User extends Model {
  declare id: number;
  declare email: string;
  declare password: string;
  declare operator: boolean;
}

export class Spot extends Model {
  declare id: number;
  declare label: string;
  declare free: number;
}

export class Reservation extends Model {
  declare id: number;
  declare userId: number;
  declare spotId: number;
  declare hours: number;
  declare price: number;
}

User.init({ email: DataTypes.STRING, password: DataTypes.STRING, operator: DataTypes.BOOLEAN }, { sequelize });
Spot.init({ label: DataTypes.STRING, free: DataTypes.INTEGER }, { sequelize });
Reservation.init(
  { userId: DataTypes.INTEGER, spotId: DataTypes.INTEGER, hours: DataTypes.INTEGER, price: DataTypes.FLOAT },
  { sequelize },
);
