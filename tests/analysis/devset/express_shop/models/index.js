const { Sequelize, DataTypes, QueryTypes, Op } = require('sequelize');
const config = require('../config');

const sequelize = new Sequelize(config.db.name, config.db.user, config.db.password, config.db);

const Product = sequelize.define('Product', { name: DataTypes.STRING, price: DataTypes.DECIMAL, stock: DataTypes.INTEGER });
const User = sequelize.define('User', { email: DataTypes.STRING, password: DataTypes.STRING, isAdmin: DataTypes.BOOLEAN });
const Order = sequelize.define('Order', { userId: DataTypes.INTEGER, total: DataTypes.DECIMAL, status: DataTypes.STRING });

User.prototype.toPublic = function () {
  return { id: this.id, email: this.email };
};

module.exports = { sequelize, Product, User, Order, QueryTypes, Op };
