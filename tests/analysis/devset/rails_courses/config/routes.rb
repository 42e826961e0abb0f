Rails.application.routes.draw do
  root "courses#index"
  get "login", to: "sessions#new"
  post "login", to: "sessions#create"
  delete "logout", to: "sessions#destroy"
  post "token", to: "sessions#token"
  resources :courses do
    collection do
      get :search
      get :statistics
      get :handout
      get :material
      get :preview
    end
    member do
      post :enroll
      get :export
      get :convert
    end
  end
  namespace :admin do
    resources :reports, only: %i[index create] do
      get :download, on: :member
    end
  end
  namespace :api do
    resources :users, only: %i[show update] do
      collection do
        get :me
        post :avatar
        post :import
        get :restore
        get :setting
        get :report
        get :locale
        patch :profile
      end
    end
  end
end
