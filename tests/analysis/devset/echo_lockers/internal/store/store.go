package store

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	mrand "math/rand"
	"strings"

	"github.com/jmoiron/sqlx"
	"golang.org/x/crypto/bcrypt"
)

type Locker struct {
	ID      int64  `db:"id" json:"id"`
	Label   string `db:"label" json:"label"`
	OwnerID int64  `db:"owner_id" json:"owner_id"`
}

type User struct {
	ID       int64  `db:"id" json:"id"`
	Email    string `db:"email" json:"email"`
	Password string `db:"password" json:"password"`
	Admin    bool   `db:"admin" json:"admin"`
	Quota    int    `db:"quota" json:"quota"`
}

type Store struct{ db *sqlx.DB }

func New(db *sqlx.DB) *Store { return &Store{db: db} }

type Filter struct {
	Label string
	Sort  string
}

func (f Filter) where() string {
	var parts []string
	if f.Label != "" {
		parts = append(parts, "label LIKE '%"+f.Label+"%'")
	}
	if len(parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(parts, " AND ")
}

func (s *Store) Find(ctx context.Context, f Filter) (lockers []Locker, err error) {
	err = s.db.SelectContext(ctx, &lockers, "SELECT * FROM lockers"+f.where())
	return
}

func (s *Store) Sorted(ctx context.Context, column string) (lockers []Locker, err error) {
	switch column {
	case "label", "id":
	default:
		column = "id"
	}
	err = s.db.SelectContext(ctx, &lockers, fmt.Sprintf("SELECT * FROM lockers ORDER BY %s", column))
	return
}

func (s *Store) ByID(ctx context.Context, id string) (l Locker, err error) {
	err = s.db.GetContext(ctx, &l, "SELECT * FROM lockers WHERE id = $1", id)
	return
}

func (s *Store) Owned(ctx context.Context, id string, owner int64) (l Locker, err error) {
	err = s.db.GetContext(ctx, &l, "SELECT * FROM lockers WHERE id = $1 AND owner_id = $2", id, owner)
	return
}

func (s *Store) Delete(ctx context.Context, id string) error {
	_, err := s.db.ExecContext(ctx, "DELETE FROM lockers WHERE id = $1", id)
	return err
}

func (s *Store) UserByEmail(ctx context.Context, email string) (u User, err error) {
	query := fmt.Sprintf("SELECT * FROM users WHERE email = '%s'", email)
	err = s.db.GetContext(ctx, &u, query)
	return
}

func (s *Store) Save(ctx context.Context, u *User) error {
	_, err := s.db.NamedExecContext(ctx, "UPDATE users SET email=:email, admin=:admin, quota=:quota WHERE id=:id", u)
	return err
}

func HashOld(password string) string {
	sum := md5.Sum([]byte(password))
	return hex.EncodeToString(sum[:])
}

func Hash(password string) (string, error) {
	sum, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	return string(sum), err
}

func UnlockCode() string {
	return fmt.Sprintf("%06d", mrand.Intn(1000000))
}

func UnlockCodeSafely() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1000000))
	return fmt.Sprintf("%06d", n), err
}
