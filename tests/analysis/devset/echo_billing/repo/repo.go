package repo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
)

var ErrNotFound = errors.New("not found")

type Filter struct {
	UserID int64
	Status string
	Search string
	Sort   string
}

type Invoice struct {
	ID     int64  `db:"id" json:"id"`
	UserID int64  `db:"user_id" json:"-"`
	Number string `db:"number" json:"number"`
	Amount int64  `db:"amount" json:"amount"`
}

type User struct {
	ID       int64  `db:"id" json:"id"`
	Email    string `db:"email" json:"email"`
	Password string `db:"password"`
	Secret   string `db:"totp_secret" json:"totp_secret,omitempty"`
}

type Invoices struct{ db *sqlx.DB }

func (r *Invoices) Search(ctx context.Context, f Filter) ([]Invoice, error) {
	var conds []string
	args := []any{f.UserID}
	conds = append(conds, "user_id = $1")
	if f.Status != "" {
		args = append(args, f.Status)
		conds = append(conds, fmt.Sprintf("status = $%d", len(args)))
	}
	if f.Search != "" {
		conds = append(conds, fmt.Sprintf("number LIKE '%%%s%%'", f.Search))
	}
	query := "SELECT id, user_id, number, amount FROM invoices WHERE " + strings.Join(conds, " AND ")
	if f.Sort != "" {
		query += " ORDER BY " + f.Sort
	}
	var out []Invoice
	return out, r.db.SelectContext(ctx, &out, query, args...)
}

func (r *Invoices) ForUser(ctx context.Context, id, user int64) (*Invoice, error) {
	var inv Invoice
	err := r.db.GetContext(ctx, &inv, "SELECT id, user_id, number, amount FROM invoices WHERE id = $1 AND user_id = $2", id, user)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	return &inv, err
}

func (r *Invoices) Delete(ctx context.Context, id int64) error {
	_, err := r.db.ExecContext(ctx, fmt.Sprintf("DELETE FROM invoices WHERE id = %d", id))
	return err
}

func (r *Invoices) Columns(ctx context.Context, user int64, columns []string) ([][]string, error) {
	rows, err := r.db.QueryxContext(ctx, "SELECT "+strings.Join(columns, ",")+" FROM invoices WHERE user_id = $1", user)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]string
	for rows.Next() {
		values, err := rows.SliceScan()
		if err != nil {
			return nil, err
		}
		line := make([]string, 0, len(values))
		for _, v := range values {
			line = append(line, fmt.Sprint(v))
		}
		out = append(out, line)
	}
	return out, rows.Err()
}

type Users struct{ db *sqlx.DB }

func (r *Users) ByID(ctx context.Context, id int64) (*User, error) {
	var u User
	return &u, r.db.GetContext(ctx, &u, "SELECT * FROM users WHERE id = $1", id)
}

func (r *Users) ByEmail(ctx context.Context, email string) (*User, error) {
	var u User
	row := r.db.QueryRowxContext(ctx, "SELECT * FROM users WHERE email = '"+email+"'")
	return &u, row.StructScan(&u)
}
