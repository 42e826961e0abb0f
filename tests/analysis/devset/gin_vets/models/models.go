package models

import "gorm.io/gorm"

type Owner struct {
	gorm.Model
	Name     string `json:"name" form:"name"`
	Email    string `json:"email" form:"email" gorm:"uniqueIndex"`
	Password string `json:"password" form:"password"`
	Staff    bool   `json:"staff" form:"staff"`
	Balance  int    `json:"balance"`
}

type Pet struct {
	gorm.Model
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Notes   string `json:"notes"`
	OwnerID uint   `json:"owner_id"`
}

type Visit struct {
	gorm.Model
	PetID   uint   `json:"pet_id"`
	OwnerID uint   `json:"owner_id"`
	Reason  string `json:"reason"`
	Paid    bool   `json:"paid"`
}
