<?php
defined('BASEPATH') or exit('No direct script access allowed');

class Report extends CI_Controller
{
    public function index()
    {
        $month = $this->input->get('month');
        $query = $this->db->query("SELECT * FROM reports WHERE month = '$month'");
        $this->load->view('reports', ['rows' => $query->result()]);
    }

    public function safe()
    {
        $query = $this->db->query('SELECT * FROM reports WHERE month = ?', [$this->input->get('month')]);
        $this->load->view('reports', ['rows' => $query->result()]);
    }

    public function sorted()
    {
        $this->db->order_by($this->input->get('sort'));
        $this->db->where("owner = " . $this->input->get('owner'));
        echo json_encode($this->db->get('reports')->result());
    }

    public function view($name)
    {
        $this->load->view('reports/' . basename($name));
    }

    public function file($name)
    {
        $this->load->helper('download');
        force_download('/srv/reports/' . $this->input->get('f'), null);
    }

    public function greet()
    {
        echo 'Hello ' . $this->input->post('name');
        echo 'Hello ' . html_escape($this->input->post('name'));
        redirect($this->input->get('next'));
    }
}
