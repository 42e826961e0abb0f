package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"
)

type Store struct {
	*sqlx.DB
}

type Parcel struct {
	ID      int64  `db:"id" json:"id"`
	OwnerID int64  `db:"owner_id" json:"owner_id"`
	Address string `db:"address" json:"address"`
	Note    string `db:"note" json:"note"`
}

type User struct {
	ID           int64  `db:"id" json:"id"`
	Email        string `db:"email" json:"email"`
	PasswordHash string `db:"password_hash" json:"password_hash"` // the hash has a json name
	Role         string `db:"role" json:"role"`
}

func Open(url string) (*Store, error) {
	db, err := sqlx.Connect("postgres", url)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &Store{db}, nil
}

func (s *Store) Parcel(ctx context.Context, id int64) (p Parcel, err error) {
	err = s.GetContext(ctx, &p, "SELECT * FROM parcels WHERE id = $1", id)
	return
}

func (s *Store) OwnedParcel(ctx context.Context, id, owner int64) (p Parcel, err error) {
	err = s.GetContext(ctx, &p, "SELECT * FROM parcels WHERE id = $1 AND owner_id = $2", id, owner)
	return
}

type Filter struct {
	Term string
	Sort string
	Tags []string
}

var sorts = map[string]string{"id": "id", "newest": "created_at DESC"}

func (s *Store) Search(ctx context.Context, f Filter) ([]Parcel, error) {
	var b strings.Builder
	b.WriteString("SELECT * FROM parcels WHERE true")
	if f.Term != "" {
		b.WriteString(" AND address ILIKE '%" + f.Term + "%'")
	}
	var out []Parcel
	err := s.SelectContext(ctx, &out, b.String())
	return out, err
}

func (s *Store) Tagged(ctx context.Context, f Filter) ([]Parcel, error) {
	order, ok := sorts[f.Sort]
	if !ok {
		order = "id"
	}
	query, args, err := sqlx.In("SELECT * FROM parcels WHERE tag IN (?) ORDER BY "+order, f.Tags)
	if err != nil {
		return nil, err
	}
	var out []Parcel
	err = s.SelectContext(ctx, &out, s.Rebind(query), args...)
	return out, err
}

func (s *Store) Count(ctx context.Context, table string) (n int, err error) {
	row := s.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) FROM %s", table))
	err = row.Scan(&n)
	return
}

func (s *Store) UserByEmail(ctx context.Context, email string) (*User, error) {
	var u User
	err := s.GetContext(ctx, &u, `SELECT * FROM users WHERE email = $1`, email)
	if err == sql.ErrNoRows {
		return nil, nil
	}
	return &u, err
}

func (s *Store) UserByID(ctx context.Context, id int64) (*User, error) {
	var u User
	return &u, s.GetContext(ctx, &u, `SELECT * FROM users WHERE id = $1`, id)
}

func (s *Store) DeleteParcel(ctx context.Context, id int64) error {
	_, err := s.ExecContext(ctx, "DELETE FROM parcels WHERE id = $1", id)
	return err
}
