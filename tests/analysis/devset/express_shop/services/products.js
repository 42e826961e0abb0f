const { sequelize, Product, Op, QueryTypes } = require('../models');

class ProductService {
  async search(criteria) {
    let sql = 'SELECT id, name, price FROM Products WHERE 1 = 1';
    const replacements = {};
    if (criteria.name) {
      sql += ' AND name LIKE :name';
      replacements.name = '%' + criteria.name + '%';
    }
    if (criteria.category) {
      sql += " AND category = '" + criteria.category + "'";
    }
    const [rows] = await sequelize.query(sql, { replacements });
    return rows;
  }

  async filter(query) {
    const where = {};
    if (query.min) where.price = { [Op.gte]: Number(query.min) };
    return Product.findAll({
      where,
      order: sequelize.literal(query.sort || 'name'),
    });
  }

  async byIds(ids) {
    return sequelize.query(`SELECT * FROM Products WHERE id IN (${ids.map(Number).join(',')})`, { type: QueryTypes.SELECT });
  }

  async count(status) {
    return sequelize.query('SELECT COUNT(*) AS n FROM Orders WHERE status = ?', { replacements: [status], type: QueryTypes.SELECT });
  }
}

module.exports = new ProductService();
