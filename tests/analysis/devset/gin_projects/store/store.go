package store

import (
	"context"
	"database/sql"

	_ "github.com/lib/pq"
)

type DB struct{ *sql.DB }

type User struct {
	ID           int64  `json:"id"`
	Email        string `json:"email"`
	Name         string `json:"name"`
	PasswordHash string `json:"-"`
	Admin        bool   `json:"admin"`
}

type Project struct {
	ID      int64  `json:"id"`
	OwnerID int64  `json:"owner_id"`
	Title   string `json:"title"`
	Notes   string `json:"notes"`
}

func Open(url string) (*DB, error) {
	db, err := sql.Open("postgres", url)
	return &DB{db}, err
}

func (db *DB) UserByID(ctx context.Context, id int64) (*User, error) {
	var u User
	err := db.QueryRowContext(ctx, "SELECT id, email, name, admin FROM users WHERE id = $1", id).Scan(&u.ID, &u.Email, &u.Name, &u.Admin)
	return &u, err
}

func (db *DB) UserByEmail(ctx context.Context, email string) (*User, error) {
	var u User
	err := db.QueryRowContext(ctx, "SELECT id, email, name, password_hash FROM users WHERE email = $1", email).Scan(&u.ID, &u.Email, &u.Name, &u.PasswordHash)
	return &u, err
}

func (db *DB) ProjectOf(ctx context.Context, id string, owner int64) (*Project, error) {
	var p Project
	err := db.QueryRowContext(ctx, "SELECT id, owner_id, title, notes FROM projects WHERE id = $1 AND owner_id = $2", id, owner).Scan(&p.ID, &p.OwnerID, &p.Title, &p.Notes)
	return &p, err
}

func (db *DB) Project(ctx context.Context, id string) (*Project, error) {
	var p Project
	err := db.QueryRowContext(ctx, "SELECT id, owner_id, title, notes FROM projects WHERE id = $1", id).Scan(&p.ID, &p.OwnerID, &p.Title, &p.Notes)
	return &p, err
}

func (db *DB) DeleteProject(ctx context.Context, id string) error {
	_, err := db.ExecContext(ctx, "DELETE FROM projects WHERE id = $1", id)
	return err
}

func (db *DB) SaveUser(ctx context.Context, u *User) error {
	_, err := db.ExecContext(ctx, "UPDATE users SET email = $1, name = $2, admin = $3 WHERE id = $4", u.Email, u.Name, u.Admin, u.ID)
	return err
}
